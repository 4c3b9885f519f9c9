import { line, type Sample } from "./flow";
import styles from "./Sparkline.module.css";

const width = 240;
const height = 36;

/** How the flow went since the page is looked at. It only draws what the number beside it says. */
export function Sparkline({ samples }: { samples: readonly Sample[] }) {
  return (
    <svg className={styles.spark} viewBox={`0 -2 ${width} ${height + 4}`} preserveAspectRatio="none" aria-hidden="true">
      <polyline points={line(samples, width, height)} vectorEffect="non-scaling-stroke" />
    </svg>
  );
}
