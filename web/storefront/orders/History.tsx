import type { FactPartsFragment } from "../gql/graphql";
import { clockToTheSecond, dayOf } from "./clock";
import { contextName } from "./contexts";
import styles from "./History.module.css";
import type { Known } from "./known";
import { tellFact } from "./tell";

/** What has happened to an order, in the order in which it became known. */
export function History({ known }: { known: Known }) {
  return (
    <section aria-labelledby="history">
      <h2 id="history">What has happened</h2>
      {known.away.includes("chronicle") && (
        <p className={styles.note}>
          {known.facts.length === 0 ? "Not known at the moment" : "There may be more"}: {contextName("chronicle")} does not
          answer.
        </p>
      )}
      <ol className={styles.facts}>
        {known.facts.map((fact, i) => (
          <Entry key={fact.id} fact={fact} known={known} newDay={isNewDay(known.facts[i - 1], fact)} />
        ))}
      </ol>
    </section>
  );
}

function Entry({ fact, known, newDay }: { fact: FactPartsFragment; known: Known; newDay: boolean }) {
  const { tone, sentence } = tellFact(fact, known);
  return (
    <li className={styles.fact} data-tone={tone}>
      <time className={styles.at} dateTime={fact.occurredAt}>
        {newDay && <span className={styles.day}>{dayOf(fact.occurredAt)}</span>}
        {clockToTheSecond(fact.occurredAt)}
      </time>
      <svg className={styles.mark} viewBox="0 0 16 16" aria-hidden="true" focusable="false">
        <path
          d={
            tone === "undo"
              ? "M13 12 V9 A3 3 0 0 0 10 6 H3 M6 3 L3 6 L6 9"
              : tone === "bad"
                ? "M8 3 V9 M8 12.500 h.01"
                : "M8 8 h.01"
          }
        />
      </svg>
      <span>{sentence}</span>
    </li>
  );
}

/** Whether another day has begun. The first is said above, where it stands when the order was placed. */
function isNewDay(before: FactPartsFragment | undefined, { occurredAt }: FactPartsFragment): boolean {
  return before !== undefined && dayOf(before.occurredAt) !== dayOf(occurredAt);
}
