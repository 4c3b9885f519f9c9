import { money } from "../../shared/money";
import type { ReturnPartsFragment } from "../gql/graphql";
import { clock, clockToTheSecond, dayOf } from "../orders/clock";
import { contextName } from "../orders/contexts";
import { Mark } from "../orders/Mark";
import styles from "./Returns.module.css";
import { tellReturn, tellStep } from "./tell";
import { useReturn } from "./useReturn";

/** One return and how far it has come. */
export function ReturnProgress({ known, away, onRest }: { known: ReturnPartsFragment; away: string[]; onRest: () => void }) {
  const goods = useReturn(known, onRest);
  const { tone, headline, sentences } = tellReturn(goods);
  return (
    <article className={styles.return} data-tone={tone} data-testid="return">
      <div role="status" className={styles.story}>
        <h3 className={styles.headline}>{headline}</h3>
        {sentences.map((sentence) => (
          <p key={sentence}>{sentence}</p>
        ))}
      </div>
      <ol className={styles.steps} aria-label="Progress of the return">
        {goods.steps.map((step) => {
          const { title, says } = tellStep(step);
          return (
            <li
              key={step.name}
              className={styles.step}
              data-state={step.state}
              aria-current={step.state === "RUNNING" ? "step" : undefined}
            >
              <Mark of={marks[step.state]} />
              <strong>{title}</strong>
              <span className={styles.says}>
                {says}
                {step.finishedAt && (
                  <>
                    {" "}
                    <time dateTime={step.finishedAt}>{clockToTheSecond(step.finishedAt)}</time>
                  </>
                )}
              </span>
            </li>
          );
        })}
      </ol>
      <p className={styles.about}>
        {goods.lines.map(({ sku, quantity, product }) => `${quantity} × ${product?.name ?? sku}`).join(", ")}:{" "}
        {money(goods.refund)}. Requested on {dayOf(goods.requestedAt)} at {clock(goods.requestedAt)}
        {goods.reason && `: “${goods.reason}”`}.{goods.creditNote && ` Credit note ${goods.creditNote.number}.`}
        {goods.state === "COMPLETED" && !goods.creditNote && away.includes("billing") && (
          <> The credit note is not known at the moment ({contextName("billing")} does not answer).</>
        )}
      </p>
    </article>
  );
}

const marks = {
  PENDING: "waiting",
  RUNNING: "now",
  DONE: "done",
  FAILED: "failed",
  COMPENSATING: "undoing",
  COMPENSATED: "undone",
  SKIPPED: "skipped",
} as const;
