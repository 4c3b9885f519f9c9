import { useState } from "react";

import { ResolveReturnDocument } from "../../gql/graphql";
import { Confirmed } from "./Confirmed";
import { Reason } from "./Reason";

/** States that what could not be undone is undone. */
export function ResolveReturn({ returnId, onDone, onClose }: { returnId: string; onDone: () => void; onClose: () => void }) {
  const [reason, setReason] = useState("");
  return (
    <Confirmed
      title="Resolve the return"
      name="State that it is undone"
      done="Done: the return goes on."
      mutation={ResolveReturnDocument}
      input={() => ({ input: { returnId, reason } })}
      refused={({ resolveReturn }) => resolveReturn.userErrors}
      fields={["reason"]}
      onDone={onDone}
      onClose={onClose}
    >
      {(wrong) => (
        <>
          <p>
            You state that what could not be undone is undone, as you have found out by other means. What is left to undo is then
            undone. It cannot be taken back, and is written into the audit log.
          </p>
          <Reason value={reason} onChange={setReason} wrong={wrong("reason")} />
        </>
      )}
    </Confirmed>
  );
}
