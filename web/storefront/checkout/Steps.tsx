import { Link } from "@tanstack/react-router";

import styles from "./Checkout.module.css";
import { type Draft, reachable, type Step, steps } from "./draft";

const names: Record<Step, string> = { address: "Address", payment: "Payment", review: "Review" };

/** Where one is on the way to an order, and the way to what can be changed. */
export function Steps({ step: here, draft }: { step: Step; draft: Draft }) {
  return (
    <nav aria-label="Steps to your order" className={styles.way}>
      <ol className={styles.steps}>
        {steps.map((step) => (
          <li key={step} data-done={steps.indexOf(step) < steps.indexOf(here) || undefined}>
            {step !== here && reachable(step, draft) === step ? (
              <Link to="/checkout" search={{ step }}>
                {names[step]}
              </Link>
            ) : (
              <span aria-current={step === here ? "step" : undefined}>{names[step]}</span>
            )}
          </li>
        ))}
      </ol>
    </nav>
  );
}
