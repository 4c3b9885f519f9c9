import { useSession } from "../../shared/session";
import { Badge, type Tone } from "../../shared/ui";
import type { SagaState, SagaStepState } from "../gql/graphql";
import { useSaga } from "./follow";
import styles from "./SagaPanel.module.css";
import { type Part, parts, type View } from "./view";
import { useWatched, type Watched } from "./watched";

const states: Record<SagaState, [words: string, tone: Tone]> = {
  RUNNING: ["Running", "main"],
  COMPENSATING: ["Undoing", "undo"],
  COMPLETED: ["Completed", "good"],
  COMPENSATED: ["Undone", "undo"],
  STUCK: ["Stuck", "bad"],
  NEEDS_OPERATOR: ["Needs an operator", "bad"],
};

const stepStates: Record<SagaStepState, [words: string, tone: Tone]> = {
  PENDING: ["waits", "plain"],
  RUNNING: ["under way", "main"],
  DONE: ["done", "good"],
  FAILED: ["failed", "bad"],
  COMPENSATING: ["being undone", "undo"],
  COMPENSATED: ["undone", "undo"],
  SKIPPED: ["not needed", "plain"],
};

/** The saga of what was placed, asked for or sent back last, as it moves. */
export function SagaPanel() {
  const watched = useWatched();
  const { view, trouble } = useSaga(watched);
  return (
    <section className={styles.panel} aria-labelledby="saga" data-testid="saga">
      <h2 id="saga">{heading(watched, view)}</h2>
      <p className={styles.state} aria-live="polite">
        {watched === null && "Place an order in one of the tabs: its saga moves here."}
        {watched !== null && view.saga === null && trouble === null && "Waiting for its first fact…"}
        {view.saga !== null && (
          <>
            <Badge tone={states[view.saga.state][1]}>{states[view.saga.state][0]}</Badge>{" "}
            {view.saga.waitingFor.length > 0 && `Waits for ${view.saga.waitingFor.join(" or ")}.`}
          </>
        )}
        {trouble?.kind === "lost" && " The connection is lost; trying again. This is what was heard last."}
        {trouble?.kind === "ended" && ` No longer watched: ${trouble.why}`}
      </p>
      {view.saga?.nextAction && <p className={styles.next}>Next: {view.saga.nextAction}</p>}
      {view.saga !== null && <Parts parts={parts(view.saga.steps)} />}
      {view.facts.length > 0 && <Facts facts={view.facts} />}
      {view.order !== null && <Links order={view.order.id} saga={view.saga?.id} />}
    </section>
  );
}

function heading(watched: Watched | null, { order }: View): string {
  if (watched === null) {
    return "A saga, live";
  }
  const of = order?.number ?? "an order";
  return watched.kind === "order" ? `Saga of ${of}` : `Saga of a return of ${of}`;
}

function Parts({ parts }: { parts: Part[] }) {
  return (
    <dl className={styles.parts}>
      {parts.map(({ context, steps }) => (
        <div key={context} className={styles.part}>
          <dt>{context}</dt>
          {steps.map(({ name, state }) => (
            <dd key={name} data-tone={stepStates[state][1]} data-state={state} className={styles.step}>
              <span>{name}</span> <span className={styles.how}>{stepStates[state][0]}</span>
            </dd>
          ))}
        </div>
      ))}
    </dl>
  );
}

/** The facts, each with how long after the first it happened. */
function Facts({ facts }: { facts: View["facts"] }) {
  const first = Date.parse(facts[0]?.occurredAt ?? "");
  return (
    <>
      <h3>Facts</h3>
      <ol className={styles.facts} aria-live="polite">
        {facts.map(({ id, context, type, summary, occurredAt }) => (
          <li key={id} className={styles.fact}>
            <span className={styles.when}>+{((Date.parse(occurredAt) - first) / 1000).toFixed(1)} s</span>
            <span>
              {summary}
              <code className={styles.type}>{type.startsWith(`${context}.`) ? type : `${context}: ${type}`}</code>
            </span>
          </li>
        ))}
      </ol>
    </>
  );
}

function Links({ order, saga }: { order: string; saga: string | undefined }) {
  const operator = useSession()?.roles.includes("OPERATOR") ?? false;
  return (
    <p className={styles.links}>
      <a href={`/orders/${order}`}>The order in the shop</a>
      {operator && saga !== undefined && <a href={`/console/sagas/${saga}`}>The saga in the console</a>}
    </p>
  );
}
