import { getRouteApi, Link } from "@tanstack/react-router";

import { Badge, Notice } from "../../shared/ui";
import { ContextNowDocument, type ContextNowQuery, ContextParkedDocument, ContextSaysDocument } from "../gql/graphql";
import { AsOf } from "../live/AsOf";
import { duration } from "../live/duration";
import { usePolled } from "../live/polled";
import { Figure, Figures } from "../overview/Figure";
import { Nothing, PageHead, Part } from "../shell/PageHead";
import { BreakerTable } from "./BreakerTable";
import { ContextFacts } from "./ContextFacts";
import styles from "./ContextPage.module.css";
import { ContextParked } from "./ContextParked";
import { breakers, condition } from "./condition";

/** One context: how it is, what it says and hears, and what it could not handle. */
export function ContextPage() {
  const { name } = getRouteApi("/contexts/$name").useParams();
  const now = usePolled(ContextNowDocument, {}, 2000);
  const says = usePolled(ContextSaysDocument, {}, 5000);
  const parked = usePolled(ContextParkedDocument, { name }, 5000);
  const context = now.data?.contexts?.find((context) => context.name === name);
  const isKnown = now.data?.contexts == null || context !== undefined;
  return (
    <>
      <title>{`${name} · Quadrille console`}</title>
      <PageHead
        title={
          <>
            <span className={styles.kind}>Context</span> {name} {context && <Health context={context} />}
          </>
        }
      >
        <AsOf what="the context" of={now} />
      </PageHead>
      {!isKnown && (
        <Notice tone="undo">
          <p>
            There is no context of this name. <Link to="/">To the overview</Link>
          </p>
        </Notice>
      )}
      {context && <Now context={context} />}
      {name !== "gateway" && isKnown && (
        <>
          <ContextFacts name={name} facts={says.data?.choreography ?? null} asOf={says} />
          <ContextParked name={name} parked={parked.data?.parkedMessages ?? null} asOf={parked} />
        </>
      )}
    </>
  );
}

type Context = NonNullable<ContextNowQuery["contexts"]>[number];

function Health({ context }: { context: Context }) {
  const { word, tone } = condition(context);
  return (
    <span className={styles.health}>
      <Badge tone={tone}>{word}</Badge>
    </span>
  );
}

function Now({ context }: { context: Context }) {
  const { why, tone } = condition(context);
  const { outboxBacklog, oldestUnpublishedSeconds, inboxReady, queueUrl } = context;
  const mine = breakers([context]);
  return (
    <>
      {why.length > 0 && <Notice tone={tone === "bad" ? "bad" : "undo"}>{why.join(" ")}</Notice>}
      {context.name !== "gateway" && (
        <Figures>
          <Figure name="Outbox backlog" value={number(outboxBacklog)}>
            {outboxBacklog && oldestUnpublishedSeconds
              ? `The oldest has waited for ${duration(oldestUnpublishedSeconds)}`
              : "Facts stored and not yet published"}
          </Figure>
          <Figure name="Inbox ready" value={number(inboxReady)}>
            {!queueUrl ? "Messages that wait in its queue" : <a href={queueUrl}>Its queue in the RabbitMQ console</a>}
          </Figure>
          <Figure name="Parked" tone={context.parked ? "bad" : "plain"} value={number(context.parked)}>
            {context.parked ? (
              <Link to="/parked" search={{ context: context.name }}>
                Look at the messages
              </Link>
            ) : (
              "Messages set aside after failing"
            )}
          </Figure>
          <Figure name="Dead" tone={context.dead ? "bad" : "plain"} value={number(context.dead)}>
            Messages that nobody could read
          </Figure>
        </Figures>
      )}
      <Part title="Circuit breakers" aside={<span className={styles.version}>version {context.version ?? "not known"}</span>}>
        {mine.length === 0 ? <Nothing>It calls nobody.</Nothing> : <BreakerTable breakers={mine} />}
      </Part>
    </>
  );
}

/** A number that may not be known. */
function number(of: number | null | undefined): string {
  return of?.toLocaleString("en-GB") ?? "–";
}
