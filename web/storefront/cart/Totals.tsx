import { isSome, money } from "../../shared/money";
import { Button, Notice, troubleText } from "../../shared/ui";
import type { Quoted } from "./quoted";
import styles from "./Totals.module.css";

/** What a cart costs, and from when the prices are. */
export function Totals({ quoted: { quote, fetching, trouble, problems, again } }: { quoted: Quoted }) {
  return (
    <div className={styles.totals} aria-busy={fetching}>
      {quote?.total && (
        <dl>
          {quote.discount && isSome(quote.discount) && (
            <div>
              <dt>Promotion</dt>
              <dd>−{money(quote.discount)}</dd>
            </div>
          )}
          <div className={styles.total}>
            <dt>Total</dt>
            <dd>{money(quote.total)}</dd>
          </div>
        </dl>
      )}
      <p role="status" className={styles.note}>
        {fetching ? "Working out the price…" : quote?.pricedFrom === "LIVE" ? "These are your prices as of now." : ""}
      </p>
      {quote?.pricedFrom === "CACHED" && (
        <Notice tone="undo">
          <p>Pricing does not answer at the moment, so these are the prices that it said last.</p>
        </Notice>
      )}
      {!fetching && quote === null && trouble !== null && (
        <Notice tone="undo">
          <p>
            {trouble.kind === "away"
              ? "The price cannot be worked out at the moment. Your cart is kept; we try again every few seconds."
              : troubleText(trouble)}
          </p>
        </Notice>
      )}
      {problems.others.map(({ code, text }) => (
        <Notice key={code} tone="undo">
          <p>{text}</p>
          <p>
            <Button onClick={again}>Try again</Button>
          </p>
        </Notice>
      ))}
    </div>
  );
}
