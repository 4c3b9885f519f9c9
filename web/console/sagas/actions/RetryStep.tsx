import { RetryStepDocument } from "../../gql/graphql";
import { Confirmed } from "./Confirmed";
import type { Stalled } from "./stalled";

/** Has a step asked for again at once, once that is confirmed. */
export function RetryStep({
  step: { orderId, step, context },
  onDone,
  onClose,
}: {
  step: Stalled;
  onDone: () => void;
  onClose: () => void;
}) {
  return (
    <Confirmed
      title={`Retry ${step}`}
      name="Retry now"
      done={`Done: ${context} asks again now.`}
      mutation={RetryStepDocument}
      input={() => ({ input: { orderId, step } })}
      refused={({ retryStep }) => retryStep.userErrors}
      onDone={onDone}
      onClose={onClose}
    >
      <p>
        {context} asks again at once, and goes on asking. Nothing is done twice: it asks for the same thing as before. It is
        written into the audit log.
      </p>
    </Confirmed>
  );
}
