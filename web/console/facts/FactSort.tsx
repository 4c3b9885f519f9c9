import { Badge } from "../../shared/ui";
import type { PayloadStyle } from "../gql/graphql";

const styles: Record<PayloadStyle, string> = {
  NOTIFICATION: "notification",
  STATE_TRANSFER: "state transfer",
  DELTA: "delta",
  COMMAND: "command",
};

/** What sort of message it is: how its payload is meant, and whether it undoes something. */
export function FactSort({ of: { style, compensation } }: { of: { style: PayloadStyle; compensation: boolean } }) {
  return (
    <>
      {styles[style]} {compensation && <Badge tone="undo">undoes</Badge>}
    </>
  );
}
