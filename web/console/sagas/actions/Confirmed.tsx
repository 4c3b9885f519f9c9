import { type ReactNode, useState } from "react";
import type { TypedDocumentNode } from "urql";

import type { Trouble } from "../../../shared/trouble";
import { Button, Notice, troubleText } from "../../../shared/ui";
import { CloseButton, Decide, Dialog } from "../../dialog/Dialog";
import { isOpen, useDeed } from "../../dialog/deed";
import styles from "./SagaActions.module.css";

/** Why an input was refused. */
type Refusal = { message: string; path: string[] };

/**
 * Asks before something is done, does it, and tells what became of it: done, refused and why, or not known, and then it can be tried
 * again, for saying it twice is saying it once.
 */
export function Confirmed<Data, Input extends Record<string, unknown>>({
  title,
  name,
  done,
  mutation,
  input,
  refused,
  fields = [],
  onDone,
  onClose,
  children,
}: {
  title: string;
  /** What the button says. */
  name: string;
  /** What is said once it is done. */
  done: string;
  mutation: TypedDocumentNode<Data, Input>;
  input: () => Input;
  refused: (data: Data) => Refusal[];
  /** The fields beside which it is said what is wrong with them. */
  fields?: string[];
  onDone: () => void;
  onClose: () => void;
  /** What there is to know, or to fill in, given what is wrong with a field. */
  children: ReactNode | ((wrong: (field: string) => string | undefined) => ReactNode);
}) {
  const { send, busy } = useDeed(mutation);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const [refusals, setRefusals] = useState<Refusal[]>([]);
  const [isDone, setDone] = useState(false);

  async function act() {
    setRefusals([]);
    const { data, trouble } = await send(input());
    setTrouble(trouble);
    if (data === null) {
      return;
    }
    const wrong = refused(data);
    setRefusals(wrong);
    if (wrong.length === 0) {
      setDone(true);
      onDone();
    }
  }
  const wrong = (field: string) => refusals.find(({ path }) => path.at(-1) === field)?.message;
  const elsewhere = refusals.filter(({ path }) => !fields.includes(path.at(-1) ?? ""));

  return (
    <Dialog title={title} onClose={onClose}>
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          if (!busy && !isDone) {
            void act();
          }
        }}
      >
        {isDone ? <Notice tone="good">{done}</Notice> : typeof children === "function" ? children(wrong) : children}
        {trouble !== null && (
          <Notice tone="bad">
            {troubleText(trouble)} {isOpen(trouble) && "Nobody knows whether it was done; it is safe to try again."}
          </Notice>
        )}
        {elsewhere.map(({ message }) => (
          <Notice key={message} tone="bad">
            {message}
          </Notice>
        ))}
        <Decide>
          <CloseButton>{isDone ? "Close" : "Cancel"}</CloseButton>
          {!isDone && (
            <Button type="submit" tone="main" busy={busy}>
              {busy ? "Just a moment…" : name}
            </Button>
          )}
        </Decide>
      </form>
    </Dialog>
  );
}
