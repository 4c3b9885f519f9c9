import { useId } from "react";

import styles from "./Diagram.module.css";
import type { Place } from "./geometry";
import { type Layout, square } from "./layout";

/** What is drawn on: squares, lanes, and who is at work on them when. */
export function Paper({ drawn, place, width }: { drawn: Layout; place: Place; width: number }) {
  const squares = useId();
  return (
    <svg aria-hidden="true">
      <defs>
        <pattern id={squares} width={square} height={square} patternUnits="userSpaceOnUse" x={place.gutter}>
          <path className={styles.grid} d={`M${square},0 H0 V${square}`} />
        </pattern>
      </defs>
      <rect x={place.gutter} width={Math.max(0, width - place.gutter)} height={drawn.height} fill={`url(#${squares})`} />
      {drawn.lanes.map((lane, i) => (
        <line key={lane} className={styles.line} x1={place.x(i)} x2={place.x(i)} y1={0} y2={drawn.height} />
      ))}
      {drawn.bars.map(({ lane, y1, y2, message }) => (
        <rect
          key={`${message} ${lane} ${y1}`}
          className={styles.bar}
          x={place.x(lane) - 5}
          y={y1}
          width={10}
          height={Math.max(0, y2 - y1)}
          rx={3}
          data-open={message === "" || undefined}
        />
      ))}
    </svg>
  );
}
