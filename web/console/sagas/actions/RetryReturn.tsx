import { RetryReturnDocument } from "../../gql/graphql";
import { Confirmed } from "./Confirmed";

/** Has it tried again to undo what is done for a return, once that is confirmed. */
export function RetryReturn({ returnId, onDone, onClose }: { returnId: string; onDone: () => void; onClose: () => void }) {
  return (
    <Confirmed
      title="Retry the return"
      name="Retry now"
      done="Done: it is tried again now."
      mutation={RetryReturnDocument}
      input={() => ({ input: { returnId } })}
      refused={({ retryReturn }) => retryReturn.userErrors}
      onDone={onDone}
      onClose={onClose}
    >
      <p>What could not be undone is tried again at once. It is written into the audit log.</p>
    </Confirmed>
  );
}
