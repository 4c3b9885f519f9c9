import { type ReactNode, type RefObject, useMemo } from "react";

import { Badge } from "../../shared/ui";
import type { StoryFactFragment } from "../gql/graphql";
import { StateBadge } from "../sagas/StateBadge";
import styles from "./Details.module.css";
import { span } from "./span";
import type { Message } from "./story";
import { deliveryTones, deliveryWords, sortOf, stepWords } from "./words";

type Story = Message<StoryFactFragment>;

type Props = {
  message: Story;
  messages: readonly Story[];
  /** Where each context's queue can be looked at. */
  queues: ReadonlyMap<string, string>;
  choose: (id: string | null) => void;
  heading: RefObject<HTMLHeadingElement | null>;
};

/** Everything that is known of one message. */
export function Details({ message, messages, queues, choose, heading }: Props) {
  const { fact } = message;
  const sort = sortOf(message);
  return (
    <section className={styles.details} aria-labelledby="details" onKeyDown={(event) => event.key === "Escape" && choose(null)}>
      <div className={styles.head}>
        <h2 id="details" ref={heading} tabIndex={-1}>
          {message.name}
        </h2>
        <button type="button" className={styles.close} onClick={() => choose(null)}>
          Close
        </button>
      </div>
      <p>
        {sort && <Badge tone={sort.tone}>{sort.word}</Badge>} {fact.summary}
      </p>
      <Causes message={message} messages={messages} choose={choose} />
      <Effect fact={fact} />
      <Deliveries message={message} queues={queues} />
      <Payload fact={fact} />
      <Envelope message={message} />
    </section>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <div className={styles.part}>
      <h3>{title}</h3>
      {children}
    </div>
  );
}

/** What led to it, and what it led to. */
function Causes({ message, messages, choose }: Pick<Props, "message" | "messages" | "choose">) {
  const cause = messages.find(({ id }) => id === message.cause);
  const results = messages.filter((other) => other.cause === message.id);
  return (
    <Part title="Why, and what came of it">
      <dl className={styles.list}>
        <dt>Led to by</dt>
        <dd>
          {cause ? (
            <button type="button" className={styles.link} onClick={() => choose(cause.id)}>
              {cause.name}
            </button>
          ) : message.fact.causationId ? (
            "A message that is not recorded here"
          ) : (
            "No message: a person, or a timer"
          )}
          {cause && !message.told && (
            <span className={styles.soft}> by way of a command or an answer, which is not recorded</span>
          )}
        </dd>
        <dt>Led to</dt>
        <dd>
          {results.length === 0 && "Nothing so far"}
          {results.map(({ id, name }) => (
            <button key={id} type="button" className={styles.link} onClick={() => choose(id)}>
              {name}
            </button>
          ))}
        </dd>
      </dl>
    </Part>
  );
}

/** What it changed in the saga. */
function Effect({ fact: { effect } }: { fact: StoryFactFragment }) {
  return (
    <Part title="What it changed">
      {!effect && <p>Nothing: no process has a part for it.</p>}
      {effect && (
        <p>
          The saga after it: <StateBadge state={effect.state} />
        </p>
      )}
      <ul className={styles.steps}>
        {effect?.steps.map(({ context, name, from, to }) => (
          <li key={`${context} ${name}`}>
            <strong>{name}</strong> <span className={styles.soft}>({context})</span> {stepWords[from]} → {stepWords[to]}
          </li>
        ))}
      </ul>
    </Part>
  );
}

/** What became of it with each context that reacts to it. */
function Deliveries({ message: { fact, at, dialogue }, queues }: Pick<Props, "message" | "queues">) {
  return (
    <Part title="Who reacts to it">
      {!fact.deliveries && <p>Not known at present.</p>}
      {fact.deliveries?.length === 0 && (
        <p>
          {dialogue
            ? "Nobody but chronicle: it tells of what two contexts said to each other."
            : "Nobody but chronicle, which records it."}
        </p>
      )}
      <ul className={styles.deliveries}>
        {fact.deliveries?.map(({ context, state, attempts, at: then, error }) => (
          <li key={context}>
            <span className={styles.receiver}>
              <strong>{context}</strong> <Badge tone={deliveryTones[state]}>{deliveryWords[state]}</Badge>
            </span>
            <span>
              {then && `${state === "HANDLED" ? "" : "Failed last "}${span(Date.parse(then) - at)} after it happened`}
              {attempts != null && `${then ? ", " : ""}${attempts === 1 ? "at the first attempt" : `${attempts} attempts`}`}
              {!then &&
                attempts == null &&
                (state === "UNKNOWN" ? "Not there yet, or handled so long ago that it is forgotten" : "")}
            </span>
            {error && <span className={styles.error}>{error}</span>}
            {queues.has(context) && (
              <a href={queues.get(context)} target="_blank" rel="noreferrer">
                Queue of {context} in RabbitMQ
              </a>
            )}
          </li>
        ))}
      </ul>
    </Part>
  );
}

/** What it carries. */
function Payload({ fact: { payload } }: { fact: StoryFactFragment }) {
  const text = useMemo(() => (payload ? JSON.stringify(JSON.parse(payload), null, 2) : null), [payload]);
  return (
    <Part title="What it carries">
      {text === null ? (
        <p>Not known at present.</p>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable
        <section className={styles.payload} tabIndex={0} aria-label="Payload">
          <pre>{text}</pre>
        </section>
      )}
    </Part>
  );
}

/** How it travelled. */
function Envelope({ message: { fact, skew } }: { message: Story }) {
  return (
    <Part title="How it travelled">
      <dl className={styles.list}>
        <dt>Type</dt>
        <dd>
          <code>{fact.type}</code>
        </dd>
        <dt>Happened</dt>
        <dd>
          {exact(fact.occurredAt)}
          {skew > 0 && ` (a clock that is ${span(skew)} behind that of what led to it)`}
        </dd>
        <dt>Recorded</dt>
        <dd>
          {exact(fact.recordedAt)}, as number {fact.sequence}
        </dd>
        <dt>Message</dt>
        <dd>
          <code>{fact.id}</code>
        </dd>
        <dt>Correlation</dt>
        <dd>
          <code>{fact.correlationId}</code>
        </dd>
        <dt>Causation</dt>
        <dd>{fact.causationId ? <code>{fact.causationId}</code> : "none"}</dd>
        {fact.traceId && (
          <>
            <dt>Trace</dt>
            <dd>
              {fact.traceUrl ? (
                <a href={fact.traceUrl} target="_blank" rel="noreferrer">
                  Open the trace
                </a>
              ) : (
                <code>{fact.traceId}</code>
              )}
            </dd>
          </>
        )}
      </dl>
    </Part>
  );
}

const format = new Intl.DateTimeFormat("en-GB", {
  day: "numeric",
  month: "short",
  year: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  fractionalSecondDigits: 3,
});

function exact(at: string): string {
  return format.format(new Date(at));
}
