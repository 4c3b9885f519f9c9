import { Link } from "@tanstack/react-router";
import { useEffect, useState } from "react";

import { Notice } from "../../shared/ui";
import { BreakerTable } from "../contexts/BreakerTable";
import { ContextTable } from "../contexts/ContextTable";
import { breakers, type Context, condition } from "../contexts/condition";
import { ContextsDocument, FlowDocument, NeedyDocument } from "../gql/graphql";
import { AsOf } from "../live/AsOf";
import { usePolled } from "../live/polled";
import { Needy } from "../sagas/Needy";
import { PageHead, Part } from "../shell/PageHead";
import { Figure, Figures } from "./Figure";
import { lastMinute, type Sample, sampled } from "./flow";
import styles from "./Overview.module.css";
import { Sparkline } from "./Sparkline";

const every = 2000;

/** How everything is, at present. */
export function Overview() {
  const contexts = usePolled(ContextsDocument, {}, every);
  const needy = usePolled(NeedyDocument, {}, every);
  const known = contexts.data?.contexts ?? null;
  return (
    <>
      <title>Overview · Quadrille console</title>
      <PageHead title="Overview">
        <AsOf what="the contexts" of={contexts} />
      </PageHead>
      <Figures>
        <FlowFigure />
        <NeedyFigure count={needy.data?.sagas?.totalCount ?? null} />
        {known === null ? <Figure name="Parked messages" value="–" /> : <ParkedFigure contexts={known} />}
        {known === null ? <Figure name="Contexts" value="–" /> : <HealthFigure contexts={known} />}
      </Figures>
      {known?.map((context) => (
        <Worries key={context.name} context={context} />
      ))}
      <Part title="Contexts">{known === null ? <p>Asking the contexts…</p> : <ContextTable contexts={known} />}</Part>
      {needy.data?.sagas && needy.data.sagas.totalCount > 0 && (
        <Part title="Sagas that need attention" aside={<Link to="/sagas">All sagas</Link>}>
          {needy.trouble !== null && <AsOf what="these sagas" of={needy} />}
          <Needy sagas={needy.data.sagas.nodes} onDone={needy.again} />
        </Part>
      )}
      {known !== null && <Breakers contexts={known} />}
    </>
  );
}

/** How much is said: what the contexts tell each other. It draws how that went since the page is open. */
function FlowFigure() {
  const flow = usePolled(FlowDocument, {}, every);
  const minute = flow.data?.choreography ? lastMinute(flow.data.choreography) : null;
  const [samples, setSamples] = useState<Sample[]>([]);
  const { asOf } = flow;
  useEffect(() => {
    if (minute !== null && asOf !== null) {
      setSamples((before) => sampled(before, { at: asOf, perSecond: minute / 60 }));
    }
  }, [minute, asOf]);
  return (
    <Figure name="Facts a second" value={minute === null ? "–" : (minute / 60).toFixed(1)}>
      {minute !== null && <Sparkline samples={samples} />}
      {flow.trouble !== null ? (
        <AsOf what="the rate" of={minute === null ? { ...flow, asOf: null } : flow} />
      ) : minute === null ? (
        "Counting…"
      ) : (
        `${minute.toLocaleString("en-GB")} within the last minute`
      )}
    </Figure>
  );
}

function NeedyFigure({ count }: { count: number | null }) {
  return (
    <Figure name="Sagas that need attention" tone={count === null ? "plain" : count === 0 ? "good" : "bad"} value={count ?? "–"}>
      {count === 0 ? "All others go on by themselves" : <Link to="/sagas">Look at the sagas</Link>}
    </Figure>
  );
}

function ParkedFigure({ contexts }: { contexts: readonly Context[] }) {
  const parked = contexts.reduce((sum, { parked }) => sum + (parked ?? 0), 0);
  return (
    <Figure name="Parked messages" tone={parked === 0 ? "good" : "bad"} value={parked.toLocaleString("en-GB")}>
      {parked === 0 ? "Everything is handled" : <Link to="/parked">Look at the messages</Link>}
    </Figure>
  );
}

function HealthFigure({ contexts }: { contexts: readonly Context[] }) {
  const answering = contexts.filter(({ reachable }) => reachable).length;
  const cut = breakers(contexts).filter(({ state }) => state !== "CLOSED").length;
  return (
    <Figure
      name="Contexts that answer"
      tone={answering === contexts.length ? "good" : "bad"}
      value={
        <>
          {answering} <span className={styles.of}>of {contexts.length}</span>
        </>
      }
    >
      {cut === 0 ? "All circuit breakers are closed" : `${cut} circuit ${cut === 1 ? "breaker is" : "breakers are"} not closed`}
    </Figure>
  );
}

/** What is wrong with a context, if its health is bad. */
function Worries({ context }: { context: Context }) {
  const { tone, why } = condition(context);
  return (
    tone === "bad" && (
      <Notice tone="undo">
        <p>
          <strong>{context.name}.</strong> {why.join(" ")}
        </p>
      </Notice>
    )
  );
}

function Breakers({ contexts }: { contexts: readonly Context[] }) {
  const all = breakers(contexts);
  const troubled = all.filter(({ state }) => state !== "CLOSED");
  return (
    <Part title="Circuit breakers">
      {troubled.length === 0 ? (
        <p>All {all.length} are closed: calls between contexts go through.</p>
      ) : (
        <BreakerTable breakers={troubled} />
      )}
      <details className={styles.all}>
        <summary>All circuit breakers</summary>
        <BreakerTable breakers={all} />
      </details>
    </Part>
  );
}
