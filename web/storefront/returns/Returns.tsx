import type { OrderWholeFragment } from "../gql/graphql";
import { ReturnProgress } from "./ReturnProgress";
import styles from "./Returns.module.css";

/** What of an order is sent back, each live until it has come to rest. */
export function Returns({ order: { returns }, away, onRest }: { order: OrderWholeFragment; away: string[]; onRest: () => void }) {
  if (!returns || returns.length === 0) {
    return null;
  }
  return (
    <section id="returns" aria-labelledby="returns-title" className={styles.returns}>
      <h2 id="returns-title">{returns.length === 1 ? "Your return" : "Your returns"}</h2>
      {returns.map((goods) => (
        <ReturnProgress key={goods.id} known={goods} away={away} onRest={onRest} />
      ))}
    </section>
  );
}
