import { useMemo, useRef, useState } from "react";

import { Badge, unseenClass } from "../../shared/ui";
import type { Choice } from "./Diagram";
import { moveFocus, useReveal } from "./moving";
import { offset } from "./span";
import type { Delivery, Message } from "./story";
import styles from "./Table.module.css";
import { deliveryTones, deliveryWords, sortOf } from "./words";

/** A story as a table: what the diagram shows, in words. */
export function Table({ messages, chosen, choose }: Choice) {
  const ids = useMemo(() => messages.map(({ id }) => id), [messages]);
  const [focused, setFocused] = useState<string | null>(null);
  const entry = [focused, chosen].find((id) => id !== null && ids.includes(id)) ?? ids[0] ?? null;
  const begin = messages[0]?.at ?? 0;
  const box = useRef<HTMLElement>(null);
  useReveal(box, chosen);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable
    <section ref={box} className={styles.scroll} tabIndex={0} aria-label="Messages">
      <table className={styles.table}>
        <caption className={unseenClass}>Messages, in the order in which they happened</caption>
        <thead>
          <tr>
            <th scope="col">When</th>
            <th scope="col">Message</th>
            <th scope="col">From</th>
            <th scope="col">To</th>
            <th scope="col">What happened</th>
          </tr>
        </thead>
        <tbody
          onKeyDown={(event) => {
            const to = moveFocus(event, ids, entry);
            if (to !== null && chosen !== null) {
              choose(to);
            }
            if (event.key === "Escape") {
              choose(null);
            }
          }}
        >
          {messages.map((message) => (
            <tr key={message.id} data-chosen={message.id === chosen || undefined}>
              <td className={styles.when}>
                <time dateTime={message.fact.occurredAt}>
                  {message === messages[0] ? clock.format(message.at) : offset(message.at - begin)}
                </time>
              </td>
              <th scope="row">
                <button
                  type="button"
                  className={styles.name}
                  data-message={message.id}
                  aria-pressed={message.id === chosen}
                  tabIndex={message.id === entry ? 0 : -1}
                  onFocus={() => setFocused(message.id)}
                  onClick={() => choose(message.id)}
                >
                  {message.name}
                </button>{" "}
                <Sort message={message} />
              </th>
              <td>
                {message.dialogue?.kind === "answer" ? `${message.dialogue.with}, told by ${message.context}` : message.context}
              </td>
              <td>
                <To message={message} />
              </td>
              <td>{message.fact.summary}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

const clock = new Intl.DateTimeFormat("en-GB", { timeStyle: "medium" });

function Sort({ message }: { message: Message }) {
  const sort = sortOf(message);
  return sort && <Badge tone={sort.tone}>{sort.word}</Badge>;
}

function To({ message: { fact, dialogue } }: { message: Message }) {
  const deliveries = fact.deliveries ?? [];
  if (dialogue?.kind === "command") {
    return dialogue.with;
  }
  if (deliveries.length === 0) {
    return <span className={styles.soft}>{fact.deliveries ? "Nobody reacts to it" : "Not known at present"}</span>;
  }
  return (
    <ul className={styles.deliveries}>
      {deliveries.map((delivery) => (
        <Receiver key={delivery.context} delivery={delivery} />
      ))}
    </ul>
  );
}

function Receiver({ delivery: { context, state, attempts, error } }: { delivery: Delivery }) {
  return (
    <li>
      {context} <Badge tone={deliveryTones[state]}>{deliveryWords[state]}</Badge>
      {(attempts ?? 1) > 1 && ` ×${attempts}`}
      {error && <span className={styles.error}>{error}</span>}
    </li>
  );
}
