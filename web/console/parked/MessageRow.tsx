import { useState } from "react";
import { useClient } from "urql";

import { Moment } from "../../shared/moment";
import { trouble } from "../../shared/trouble";
import { Badge, Button, Notice, troubleText } from "../../shared/ui";
import { useDialog } from "../dialog/DialogHost";
import { FactName } from "../facts/FactName";
import { ParkedPayloadDocument } from "../gql/graphql";
import { Discard } from "./Discard";
import { Edit } from "./Edit";
import { formatted } from "./json";
import type { Message } from "./message";
import { counted } from "./outcome";
import styles from "./Parked.module.css";
import { Retry } from "./Retry";

/** A parked message: why it is, what it carries, and what can be done. */
export function MessageRow({
  message,
  isChosen,
  onChoose,
  nameOf,
  onDone,
}: {
  message: Message;
  isChosen: boolean;
  onChoose: (chosen: boolean) => void;
  nameOf: (id: string) => string;
  onDone: () => void;
}) {
  const open = useDialog();
  const client = useClient();
  const [fetched, setFetched] = useState<string | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const payload = message.payload ?? fetched;

  // What is too large to be listed with others is listed alone.
  async function read(): Promise<string | null> {
    if (payload !== null) {
      return payload;
    }
    const { data, error } = await client
      .query(ParkedPayloadDocument, { id: message.id }, { requestPolicy: "network-only" })
      .toPromise();
    const read = data?.parkedMessages?.nodes[0]?.payload ?? null;
    const went = trouble(error);
    setFetched(read);
    setProblem(read !== null ? null : went === null ? "It is no longer parked." : troubleText(went));
    return read;
  }
  async function edit() {
    const payload = await read();
    if (payload !== null) {
      open((close) => <Edit message={message} payload={payload} onDone={onDone} onClose={close} />);
    }
  }

  return (
    <li className={styles.message}>
      <div className={styles.head}>
        <label className={styles.choose}>
          <input type="checkbox" checked={isChosen} onChange={(event) => onChoose(event.target.checked)} />
          <span>
            <strong>
              <FactName type={message.type} />
            </strong>{" "}
            <span className={styles.soft}>in {message.context}</span>
          </span>
        </label>
        {message.behind > 0 && <Badge tone="undo">{counted(message.behind)} behind</Badge>}
      </div>
      <p className={styles.error}>{message.error}</p>
      <p className={styles.soft}>
        About <code>{message.subject}</code>. Tried {message.attempts === 1 ? "once" : `${message.attempts} times`}, first{" "}
        <Moment at={message.firstFailedAt} />, last <Moment at={message.lastFailedAt} />.
      </p>
      <details onToggle={(event) => event.currentTarget.open && read()}>
        <summary>What it carries</summary>
        {payload === null ? (
          <p role="status">{problem ?? "Fetching it…"}</p>
        ) : (
          // biome-ignore lint/a11y/noNoninteractiveTabindex: who has no mouse scrolls it with the arrow keys
          <section className={styles.json} tabIndex={0} aria-label={`What ${message.type} carries`}>
            <pre>{formatted(payload)}</pre>
          </section>
        )}
      </details>
      {problem !== null && <Notice tone="undo">{problem}</Notice>}
      <div className={styles.buttons}>
        <Button
          onClick={() =>
            open((close) => (
              <Retry
                what={message.type}
                which={[{ messages: { ids: [message.id] } }]}
                nameOf={nameOf}
                onDone={onDone}
                onClose={close}
              />
            ))
          }
        >
          Retry…
        </Button>
        <Button onClick={edit}>Edit and retry…</Button>
        <Button
          tone="bad"
          onClick={() => open((close) => <Discard what={message.type} ids={[message.id]} onDone={onDone} onClose={close} />)}
        >
          Discard…
        </Button>
      </div>
    </li>
  );
}
