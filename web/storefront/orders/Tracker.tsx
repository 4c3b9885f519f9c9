import { clockToTheSecond } from "./clock";
import { Dancers } from "./Dancers";
import type { Known } from "./known";
import { Mark } from "./Mark";
import { type Station, stations } from "./stations";
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
            <Mark of={station.state} />
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
