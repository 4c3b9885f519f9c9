import { money } from "../../shared/money";
import type { ReturnPartsFragment } from "../gql/graphql";
import { clock, clockToTheSecond, dayOf } from "../orders/clock";
import { contextName } from "../orders/contexts";
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
              <svg className={styles.mark} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
                <circle cx="12" cy="12" r="10.500" />
                <path d={marks[step.state]} />
              </svg>
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

const marks: Record<ReturnPartsFragment["steps"][number]["state"], string> = {
  PENDING: "",
  RUNNING: "M8 12 h.01 M12 12 h.01 M16 12 h.01",
  DONE: "M7.500 12.500 L11 16 L17 9",
  FAILED: "M8.500 8.500 L15.500 15.500 M15.500 8.500 L8.500 15.500",
  COMPENSATING: "M17 15 V13 A3.500 3.500 0 0 0 13.500 9.500 H7.500 M10 7 L7.500 9.500 L10 12",
  COMPENSATED: "M17 15 V13 A3.500 3.500 0 0 0 13.500 9.500 H7.500 M10 7 L7.500 9.500 L10 12",
  SKIPPED: "M8 12 H16",
};
