import { getRouteApi } from "@tanstack/react-router";
import { useCallback, useEffect, useMemo, useRef } from "react";

import { Button, Notice, troubleText } from "../../shared/ui";
import { SagaSurroundingsDocument } from "../gql/graphql";
import { AsOf } from "../live/AsOf";
import { usePolled } from "../live/polled";
import { SagaActions } from "../sagas/actions/SagaActions";
import { Part } from "../shell/PageHead";
import { Announcer } from "./Announcer";
import { Details } from "./Details";
import { Diagram } from "./Diagram";
import { Head, type Saga, titleOf } from "./Head";
import { Legend } from "./Legend";
import { layout } from "./layout";
import { focusOn } from "./moving";
import styles from "./SagaPage.module.css";
import { Steps } from "./Steps";
import { story } from "./story";
import { Table } from "./Table";
import { useAround } from "./useAround";
import { useSaga } from "./useSaga";
import type { Timeline } from "./useTimeline";

const route = getRouteApi("/sagas/$id");

/** One saga on one page: how it stands, and how it came to that. */
export function SagaPage() {
  const { id } = route.useParams();
  return <Page key={id} id={id} />;
}

function Page({ id }: { id: string }) {
  const { saga, timeline } = useSaga(id);
  const known = saga.data?.saga;
  if (!known) {
    return (
      <>
        <title>Saga · Quadrille console</title>
        <h1>Saga</h1>
        <Unknown id={id} asked={saga.asOf !== null} trouble={saga.trouble} />
      </>
    );
  }
  return (
    <>
      <title>{`${titleOf(known)} · Quadrille console`}</title>
      <Head saga={known} />
      <SagaActions saga={known} onDone={saga.again} />
      {saga.asOf === null && saga.trouble !== null ? (
        <Notice tone="undo">{troubleText(saga.trouble)} What is missing here appears as soon as there is one.</Notice>
      ) : (
        <AsOf what="the saga" of={saga} />
      )}
      <Part id="steps" title="Steps">
        <Steps steps={known.steps} />
      </Part>
      <Story saga={known} timeline={timeline} />
    </>
  );
}

function Unknown({ id, asked, trouble }: { id: string; asked: boolean; trouble: Timeline["trouble"] }) {
  if (trouble !== null) {
    return <Notice tone="bad">{troubleText(trouble)} The page asks again on its own.</Notice>;
  }
  return asked ? (
    <Notice tone="undo">
      Chronicle has not heard of <code className={styles.id}>{id}</code>. A saga that has just begun appears here in a moment.
    </Notice>
  ) : (
    <p role="status">Asking chronicle for the saga…</p>
  );
}

/** What happened, as a diagram or a table, and each message closely. */
function Story({ saga, timeline }: { saga: Saga; timeline: Timeline }) {
  const { message: chosen, view } = route.useSearch();
  const navigate = route.useNavigate();
  const heading = useRef<HTMLHeadingElement>(null);
  const { data } = usePolled(SagaSurroundingsDocument, {}, 15_000);

  const undoing = useMemo(
    () => new Set(data?.choreography?.filter(({ compensation }) => compensation).map(({ type }) => type)),
    [data],
  );
  const queues = useMemo(
    () => new Map(data?.contexts?.flatMap(({ name, queueUrl }) => (queueUrl ? [[name, queueUrl] as const] : []))),
    [data],
  );
  const away = useMemo(() => new Set(data?.contexts?.filter(({ reachable }) => !reachable).map(({ name }) => name)), [data]);
  const messages = useMemo(
    () =>
      story(
        timeline.entries.map(({ fact }) => fact),
        undoing,
      ),
    [timeline.entries, undoing],
  );
  const around = useAround(saga, messages);
  const drawn = useMemo(() => layout(messages, around), [messages, around]);
  const shown = messages.find(({ id }) => id === chosen);

  const choose = useCallback(
    (id: string | null) => {
      if (id === chosen) {
        heading.current?.focus(); // chosen once more, it is to be read
      }
      if (id === null) {
        focusOn(chosen); // where one was before
      }
      void navigate({
        search: ({ message: _, ...rest }) => (id === null ? rest : { ...rest, message: id }),
        replace: true,
        resetScroll: false,
      });
    },
    [navigate, chosen],
  );
  const show = useCallback(
    (table: boolean) => {
      void navigate({
        search: ({ view: _, ...rest }) => (table ? { ...rest, view: "table" } : rest),
        replace: true,
        resetScroll: false,
      });
    },
    [navigate],
  );
  const { more, readOn } = timeline;
  const beyond = chosen !== undefined && shown === undefined && more;
  const loaded = timeline.entries.length;
  useEffect(() => {
    if (beyond && loaded > 0) {
      readOn(); // until it is there
    }
  }, [beyond, loaded, readOn]);
  const choice = { messages, chosen: shown?.id ?? null, choose, fresh: timeline.fresh };

  return (
    <Part id="story" title="What happened" aside={<Switch table={view === "table"} show={show} />}>
      {timeline.trouble !== null && <Notice tone="undo">{troubleText(timeline.trouble)} What is here is what is known.</Notice>}
      {!timeline.read && timeline.trouble === null && <p role="status">Asking chronicle for what happened…</p>}
      <Announcer messages={messages} fresh={timeline.fresh} />
      <div className={styles.columns} data-details={shown !== undefined || undefined}>
        <div className={styles.story}>
          {messages.length > 0 && (view === "table" ? <Table {...choice} /> : <Diagram {...choice} drawn={drawn} away={away} />)}
        </div>
        {shown !== undefined && (
          <div className={styles.aside}>
            <Details message={shown} messages={messages} queues={queues} choose={choose} heading={heading} />
          </div>
        )}
      </div>
      {more && (
        <p className={styles.more}>
          {timeline.entries.length} of {timeline.total} messages. <Button onClick={readOn}>Show the next</Button>
        </p>
      )}
      {view !== "table" && messages.length > 0 && <Legend msPerSquare={drawn.msPerSquare} />}
    </Part>
  );
}

function Switch({ table, show }: { table: boolean; show: (table: boolean) => void }) {
  return (
    <fieldset className={styles.switch} aria-label="View">
      <button type="button" aria-pressed={!table} onClick={() => show(false)}>
        Diagram
      </button>
      <button type="button" aria-pressed={table} onClick={() => show(true)}>
        Table
      </button>
    </fieldset>
  );
}
