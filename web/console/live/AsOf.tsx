import { useNow } from "../../shared/moment";
import { troubleText } from "../../shared/ui";
import styles from "./AsOf.module.css";
import { duration } from "./duration";
import type { Polled } from "./polled";

const clock = new Intl.DateTimeFormat("en-GB", { timeStyle: "medium" });
const toleratedMs = 8000;

/** Of an answer, what says how old it is. */
export type Age = Pick<Polled<unknown>, "asOf" | "trouble" | "everyMs">;

/**
 * Of when something on the page is, and why it is not newer. `what` is said within a sentence: the contexts. Only what changes for the worse or
 * the better is read out, not each second.
 */
export function AsOf({ what, of: { asOf, trouble, everyMs } }: { what: string; of: Age }) {
  const now = useNow();
  const why = trouble === null ? "" : ` ${troubleText(trouble)}`;
  const old = asOf !== null && now - asOf > everyMs + toleratedMs;
  const stale = trouble !== null || old;
  return (
    <p className={styles.asOf} data-stale={stale || undefined}>
      <span className={styles.dot} aria-hidden="true" />
      {asOf === null && !stale && `Asking for ${what}…`}
      {asOf !== null && !stale && `Live, as of ${clock.format(asOf)}`}
      <span role="status">
        {stale && asOf !== null && `You see ${what} as of ${clock.format(asOf)}.${why}`}
        {stale && asOf === null && `Nothing is known of ${what}.${why}`}
      </span>
      {old && <span> Not heard for {duration((now - asOf) / 1000)}.</span>}
    </p>
  );
}
