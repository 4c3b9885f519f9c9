import { useState } from "react";

import { Field } from "../../../shared/ui";
import { ResolveStepDocument, type StepOutcome } from "../../gql/graphql";
import { Confirmed } from "./Confirmed";
import { Reason } from "./Reason";
import styles from "./SagaActions.module.css";
import { needed, outcomes, type Stalled } from "./stalled";

const words: Record<StepOutcome, string> = {
  DONE: "Done: what was asked for has happened",
  REFUSED: "Refused: it was declined, and nothing has happened",
  UNDONE: "Undone: it had happened, and is reversed",
};

/** States how a step has ended. */
export function ResolveStep({ step: stalled, onDone, onClose }: { step: Stalled; onDone: () => void; onClose: () => void }) {
  const { orderId, step } = stalled;
  const possible = outcomes(stalled);
  const [outcome, setOutcome] = useState<StepOutcome>(possible[0] ?? "DONE");
  const [reference, setReference] = useState("");
  const [carrier, setCarrier] = useState("");
  const [reason, setReason] = useState("");
  const needs = needed(step, outcome);
  return (
    <Confirmed
      title={`Resolve ${step}`}
      name={`State that it is ${words[outcome].split(":")[0]?.toLowerCase()}`}
      done="Done: the saga goes on from there."
      mutation={ResolveStepDocument}
      input={() => ({
        input: { orderId, step, outcome, reason, ...(needs.reference && { reference }), ...(needs.carrier && { carrier }) },
      })}
      refused={({ resolveStep }) => resolveStep.userErrors}
      fields={["reference", "carrier", "reason"]}
      onDone={onDone}
      onClose={onClose}
    >
      {(wrong) => (
        <>
          <p>
            You state how the step has ended, as you have found out by other means. The saga goes on as if that had been the
            answer from outside. It cannot be taken back, and is written into the audit log.
          </p>
          <fieldset className={styles.choices}>
            <legend>How has it ended?</legend>
            {possible.map((one) => (
              <label key={one}>
                <input type="radio" name="outcome" checked={one === outcome} onChange={() => setOutcome(one)} />
                {words[one]}
              </label>
            ))}
          </fieldset>
          {needs.reference && (
            <Field
              label="Reference"
              hint="What it is called outside: the provider's or the carrier's own number."
              wrong={wrong("reference")}
            >
              <input required maxLength={200} value={reference} onChange={(event) => setReference(event.target.value)} />
            </Field>
          )}
          {needs.carrier && (
            <Field label="Carrier" hint="Who carries the parcel." wrong={wrong("carrier")}>
              <input required maxLength={200} value={carrier} onChange={(event) => setCarrier(event.target.value)} />
            </Field>
          )}
          <Reason value={reason} onChange={setReason} wrong={wrong("reason")} />
        </>
      )}
    </Confirmed>
  );
}
