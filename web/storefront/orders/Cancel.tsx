import { Link } from "@tanstack/react-router";
import { useRef, useState } from "react";
import { useMutation } from "urql";

import { intent, settle } from "../../shared/intent";
import { trouble } from "../../shared/trouble";
import { Button, Field, Notice, troubleText } from "../../shared/ui";
import { CancelOrderDocument } from "../gql/graphql";
import styles from "./Cancel.module.css";

const reasons = ["I changed my mind", "I ordered it by mistake", "It takes too long", "I found it elsewhere"];
const other = "Another reason";

type Problem = "too late" | "unknown" | { message: string };

/**
 * Asks why, and cancels the order, as long as that is possible. However often it is sent, it is done once. Who is asked while the order
 * is sent gets to know.
 */
export function Cancel({ id, possible, sent, onDone }: { id: string; possible: boolean; sent: boolean; onDone: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [{ fetching }, cancel] = useMutation(CancelOrderDocument);
  const [choice, setChoice] = useState(reasons[0] ?? other);
  const [words, setWords] = useState("");
  const [problem, setProblem] = useState<Problem | null>(null);

  async function send() {
    const reason = choice === other ? words.trim() || other : choice;
    const what = `cancel ${id} ${reason}`;
    const { data, error } = await cancel({ input: { orderId: id, reason, idempotencyKey: intent(what) } });
    const [refused] = data?.cancelOrder.userErrors ?? [];
    const went = trouble(error);
    if (refused?.code === "ALREADY_FULFILLED") {
      settle(what);
      setProblem("too late");
    } else if (refused) {
      settle(what);
      setProblem({ message: refused.message });
    } else if (data?.cancelOrder.order) {
      settle(what);
      dialog.current?.close();
      onDone();
    } else {
      setProblem(went === null || went.kind === "offline" || went.kind === "away" ? "unknown" : { message: troubleText(went) });
    }
  }

  const late = sent || problem === "too late";
  return (
    <>
      {possible && (
        <Button
          tone="bad"
          onClick={() => {
            setProblem(null);
            dialog.current?.showModal();
          }}
        >
          Cancel this order
        </Button>
      )}
      <dialog ref={dialog} className={styles.dialog} aria-labelledby="cancel">
        <form
          className={styles.form}
          onSubmit={(event) => {
            event.preventDefault();
            if (!fetching) {
              void send();
            }
          }}
        >
          <h2 id="cancel">Cancel this order?</h2>
          {late ? (
            <>
              <Notice tone="bad">
                <p>It is too late to cancel: your order has just been confirmed and is on its way.</p>
              </Notice>
              <p>
                You can{" "}
                <Link to="/orders/$id/return" params={{ id }}>
                  send it back
                </Link>{" "}
                and get your money back.
              </p>
            </>
          ) : (
            <>
              <p>
                What was done for it is undone: your items go back on the shelf, and whatever was charged is returned to your
                card.
              </p>
              {problem === "unknown" && (
                <Notice tone="bad">
                  <p>There was no answer, so we do not know yet whether this has arrived. Try again: it counts once.</p>
                </Notice>
              )}
              {problem !== null && typeof problem !== "string" && (
                <Notice tone="bad">
                  <p>{problem.message}</p>
                </Notice>
              )}
              <Field label="Why?">
                <select value={choice} onChange={(event) => setChoice(event.target.value)}>
                  {[...reasons, other].map((reason) => (
                    <option key={reason}>{reason}</option>
                  ))}
                </select>
              </Field>
              {choice === other && (
                <Field label="In your words" hint="At most 500 characters.">
                  <textarea rows={3} maxLength={500} value={words} onChange={(event) => setWords(event.target.value)} />
                </Field>
              )}
            </>
          )}
          <div className={styles.actions}>
            {!late && (
              <Button type="submit" tone="bad" busy={fetching}>
                {fetching ? "Cancelling…" : "Cancel the order"}
              </Button>
            )}
            <Button onClick={() => dialog.current?.close()}>{late ? "Close" : "Keep it"}</Button>
          </div>
        </form>
      </dialog>
    </>
  );
}
