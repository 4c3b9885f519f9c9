import { clockToTheSecond } from "./clock";
import { Dancers } from "./Dancers";
import type { Known } from "./known";
import { type Station, type StationState, stations } from "./stations";
import styles from "./Tracker.module.css";

/** How far an order has come, as a dance: each couple dances its part in its turn, and back again if the order is undone. */
export function Tracker({ known }: { known: Known }) {
  const line = stations(known);
  return (
    <div className={styles.floor}>
      <ol className={styles.line} aria-label="Progress of the order">
        {line.map((station, i) => (
          <li
            key={station.key}
            className={styles.station}
            data-state={station.state}
            data-leg={leg(line[i - 1], station)}
            data-testid={`station-${station.key}`}
            aria-current={station.state === "now" ? "step" : undefined}
            style={{ "--turn": i } as React.CSSProperties}
          >
            <Dancers part={station.key} state={station.state} />
            <svg className={styles.mark} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
              <circle cx="12" cy="12" r="10.500" />
              <path d={marks[station.state]} />
            </svg>
            <div className={styles.words}>
              <h3 className={styles.title}>{station.title}</h3>
              <p className={styles.says}>
                {station.says}
                {station.at !== null && (
                  <>
                    {" "}
                    <time className={styles.at} dateTime={station.at}>
                      {clockToTheSecond(station.at)}
                    </time>
                  </>
                )}
              </p>
            </div>
          </li>
        ))}
      </ol>
    </div>
  );
}

/** What leads to a station: nothing yet, a way that is gone or being gone, or one that is being or was gone back. */
function leg(before: Station | undefined, { state }: Station): string | undefined {
  if (before === undefined) {
    return undefined;
  }
  if (state === "skipped") {
    return "ahead";
  }
  if (state === "undoing" || (before.state === "undoing" && state !== "done")) {
    return "back";
  }
  if (state === "undone" || before.state === "undone") {
    return "gone back";
  }
  return { waiting: "ahead", unknown: "ahead", skipped: "ahead", now: "going", done: "gone", failed: "failed" }[state];
}

/** What is drawn on the floor at a station, so that nothing is said by colour alone. */
const marks: Record<StationState, string> = {
  waiting: "",
  now: "M8 12 h.01 M12 12 h.01 M16 12 h.01",
  done: "M7.500 12.500 L11 16 L17 9",
  failed: "M8.500 8.500 L15.500 15.500 M15.500 8.500 L8.500 15.500",
  undoing: "M17 15 V13 A3.500 3.500 0 0 0 13.500 9.500 H7.500 M10 7 L7.500 9.500 L10 12",
  undone: "M17 15 V13 A3.500 3.500 0 0 0 13.500 9.500 H7.500 M10 7 L7.500 9.500 L10 12",
  skipped: "M8 12 H16",
  unknown: "M9.500 9.500 A2.500 2.500 0 1 1 12 12 V13.500 M12 16.500 h.01",
};
