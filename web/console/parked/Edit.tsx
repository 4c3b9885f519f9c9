import { useState } from "react";

import { Button, Field } from "../../shared/ui";
import { CloseButton, Decide, Dialog } from "../dialog/Dialog";
import { Changes } from "./Changes";
import { diff, isSame } from "./diff";
import { formatted, problem } from "./json";
import type { Message } from "./message";
import styles from "./Parked.module.css";
import { Result } from "./Result";
import { useRetry } from "./retry";

/** Changes what a message carries, shows what that changes, and has it tried again. */
export function Edit({
  message,
  payload,
  onDone,
  onClose,
}: {
  message: Message;
  payload: string;
  onDone: () => void;
  onClose: () => void;
}) {
  const { retry, busy, result, troubles, isDone } = useRetry(onDone);
  const before = formatted(payload);
  const [text, setText] = useState(before);
  const wrong = problem(text);
  const lines = diff(before, text);
  const isReady = wrong === null && !isSame(lines);
  const which = [{ messages: { ids: [message.id] }, payload: text }];
  return (
    <Dialog title={`Edit and retry ${message.type}`} wide onClose={onClose}>
      {!isDone && (
        <>
          <p>
            {message.context} could not handle it: <span className={styles.error}>{message.error}</span>
          </p>
          <div className={styles.editor}>
            <Field
              label="Payload"
              hint="JSON. What is masked by *** stays as it was."
              wrong={wrong === null ? undefined : `This is no JSON: ${wrong}`}
            >
              <textarea
                className={styles.payload}
                rows={16}
                spellCheck={false}
                value={text}
                onChange={(event) => setText(event.target.value)}
              />
            </Field>
            <Changes lines={lines} />
          </div>
        </>
      )}
      <Result result={result} troubles={troubles} nameOf={() => message.type} />
      <Decide>
        <CloseButton>{isDone ? "Close" : "Cancel"}</CloseButton>
        {!isDone && (
          <>
            <Button busy={busy || !isReady} onClick={() => retry(which, true)}>
              Dry run
            </Button>
            <Button tone="main" busy={busy || !isReady} onClick={() => retry(which, false)}>
              {busy ? "Just a moment…" : "Retry with these changes"}
            </Button>
          </>
        )}
      </Decide>
    </Dialog>
  );
}
