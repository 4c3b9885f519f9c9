import { Link } from "@tanstack/react-router";
import { useState } from "react";

import type { Trouble } from "../../shared/trouble";
import { Button, Notice, troubleText } from "../../shared/ui";
import { CloseButton, Decide, Dialog } from "../dialog/Dialog";
import { isOpen, useDeed } from "../dialog/deed";
import { DiscardParkedDocument } from "../gql/graphql";
import { Reason } from "../sagas/actions/Reason";
import { counted } from "./outcome";
import styles from "./Parked.module.css";

type Went = { discarded: number; refusals: string[]; trouble: Trouble | null };

/** Gives messages up, for a reason, once that is confirmed. */
export function Discard({
  what,
  ids,
  onDone,
  onClose,
}: {
  what: string;
  ids: string[];
  onDone: () => void;
  onClose: () => void;
}) {
  const { send, busy } = useDeed(DiscardParkedDocument);
  const [reason, setReason] = useState("");
  const [went, setWent] = useState<Went | null>(null);
  const isDone = went !== null && went.refusals.length === 0 && went.trouble === null;

  async function discard() {
    const { data, trouble } = await send({ input: { ids, reason } });
    const answer = data?.discardParkedMessages;
    setWent({ discarded: answer?.discarded ?? 0, refusals: (answer?.userErrors ?? []).map(({ message }) => message), trouble });
    if (answer && answer.discarded > 0) {
      onDone();
    }
  }

  return (
    <Dialog title={`Discard ${what}`} onClose={onClose}>
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          if (!busy && !isDone) {
            void discard();
          }
        }}
      >
        {!isDone && (
          <>
            <p>
              Nobody will handle {ids.length === 1 ? "it" : "them"} any more, and what waits behind goes on. This cannot be taken
              back: a saga that needed {ids.length === 1 ? "it" : "them"} will not get on by itself.
            </p>
            <Reason value={reason} onChange={setReason} />
          </>
        )}
        {went?.trouble && (
          <Notice tone="bad">
            {troubleText(went.trouble)} {isOpen(went.trouble) && "What is parked there was perhaps not discarded."}
          </Notice>
        )}
        {went?.refusals.map((message) => (
          <Notice key={message} tone="bad">
            {message}
          </Notice>
        ))}
        {went !== null && went.discarded > 0 && (
          <Notice tone="good">
            <p>{counted(went.discarded)} discarded.</p>
            <p>
              <Link to="/audit">It is in the audit log.</Link>
            </p>
          </Notice>
        )}
        <Decide>
          <CloseButton>{isDone ? "Close" : "Cancel"}</CloseButton>
          {!isDone && (
            <Button type="submit" tone="bad" busy={busy}>
              {busy ? "Just a moment…" : "Discard"}
            </Button>
          )}
        </Decide>
      </form>
    </Dialog>
  );
}
