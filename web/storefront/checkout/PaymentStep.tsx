import { Button, Notice } from "../../shared/ui";
import styles from "./Checkout.module.css";
import { cards } from "./cards";
import type { Draft } from "./draft";
import { Sandbox } from "./Sandbox";

/** How the order is paid: by one of the sandbox's cards. */
export function PaymentStep({
  draft,
  wrong,
  onDone,
}: {
  draft: Draft;
  wrong: string | undefined;
  onDone: (token: string) => void;
}) {
  return (
    <div className={styles.step}>
      <h1>How will you pay?</h1>
      {wrong && <Notice tone="bad">{wrong}</Notice>}
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          onDone(String(new FormData(event.currentTarget).get("card")));
        }}
      >
        <fieldset className={styles.choices}>
          <legend>Cards of the sandbox</legend>
          {cards.map(({ token, name, does }, i) => (
            <label key={token}>
              <input
                type="radio"
                name="card"
                value={token}
                required
                defaultChecked={draft.card === undefined ? i === 0 : draft.card === token}
              />
              <span>
                <strong>{name}</strong>
                <span className={styles.does}>{does}</span>
                <code>{token}</code>
              </span>
            </label>
          ))}
        </fieldset>
        <Sandbox>These are the payment provider’s test cards. No money moves, and no real card can be used.</Sandbox>
        <Button type="submit" tone="main">
          Go on to review
        </Button>
      </form>
    </div>
  );
}
