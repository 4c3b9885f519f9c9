import styles from "./Diagram.module.css";
import type { Place } from "./geometry";
import type { Layout } from "./layout";
import { span } from "./span";

type Props = { drawn: Layout; place: Place; width: number };

/** Where time is left out, torn from side to side, and how much. */
export function Cuts({ drawn, place, width }: Props) {
  return (
    <svg aria-hidden="true">
      {drawn.cuts.map(({ y, ms }) => (
        <g key={y}>
          <path
            className={styles.cut}
            d={`${torn(place.gutter, width, y - half)} L${width},${y + half} ${torn(width, place.gutter, y + half, false)} Z`}
          />
          <path className={styles.tear} d={torn(place.gutter, width, y - half)} />
          <path className={styles.tear} d={torn(place.gutter, width, y + half)} />
          <text className={styles.left} x={place.gutter + 4} y={y + 4}>
            {span(ms)}
          </text>
        </g>
      ))}
    </svg>
  );
}

/** Moments that are no messages. */
export function Lines({ drawn, place, width }: Props) {
  return (
    <svg aria-hidden="true">
      {drawn.lines.map(({ what, y }) => (
        <g key={what} className={styles.moment} data-what={what}>
          <line x1={place.gutter} x2={width} y1={y} y2={y} />
          <text className={styles.left} x={place.gutter - 14} y={y + 4} textAnchor="end">
            {what}
          </text>
          {what === "now" && drawn.lanes.map((lane, i) => <circle key={lane} cx={place.x(i)} cy={y} r={3} />)}
        </g>
      ))}
    </svg>
  );
}

const tooth = 8;
/** Half of what is between two tears. */
const half = 9;

/** A jagged line at a height. */
function torn(from: number, to: number, y: number, begins = true): string {
  const turn = Math.sign(to - from);
  const teeth = Math.floor(Math.abs(to - from) / tooth);
  const points = Array.from({ length: teeth + 1 }, (_, i) => `${from + turn * i * tooth},${y + (i % 2 === 0 ? -2 : 2)}`);
  return `${begins ? "M" : "L"}${[...points, `${to},${y}`].join(" L")}`;
}
