import type { ReactElement } from "react";

import styles from "./Dancers.module.css";
import type { StationKey, StationState } from "./stations";

/** A couple that dances one part of an order, holding up what the part is about. It moves while the part is danced or danced back. */
export function Dancers({ part, state }: { part: StationKey; state: StationState }) {
  return (
    <svg className={styles.couple} data-state={state} viewBox="0 0 72 64" aria-hidden="true" focusable="false">
      <g className={styles.thing}>{things[part]}</g>
      <g className={styles.left}>
        <circle cx="21" cy="24" r="5" />
        <path d="M21 31 L11 58 Q21 61 31 58 Z" />
        <path className={styles.arm} d="M23 35 Q30 31 34 22" />
      </g>
      <g className={styles.right}>
        <circle cx="51" cy="24" r="5" />
        <path d="M45 34 Q45 31 51 31 Q57 31 57 34 L56 48 H46 Z" />
        <path className={styles.arm} d="M48.500 48 V59 M53.500 48 V59 M49 35 Q42 31 38 22" />
      </g>
    </svg>
  );
}

/** What each part is about, between the raised hands. */
const things: Record<StationKey, ReactElement> = {
  placed: <path d="M31 4 H39 L42 7 V19 H31 Z M34 10 H39 M34 14 H39" />,
  reserved: <path d="M28 8 L36 4 L44 8 V16 L36 20 L28 16 Z M28 8 L36 12 L44 8 M36 12 V20" />,
  paid: <path d="M27 6 H45 V18 H27 Z M27 10 H45 M30 14.500 H35" />,
  booked: <path d="M27 6 H45 V18 H27 Z M27 6.500 L36 13 L45 6.500" />,
  sent: <path d="M25 6 H37 V16 H25 Z M37 9 H42 L46 13 V16 H37 M29 18 A2 2 0 1 0 29.010 18 M41 18 A2 2 0 1 0 41.010 18" />,
  delivered: <path d="M26 12 L36 4 L46 12 M29 10 V20 H43 V10 M34 20 V14 H38 V20" />,
};
