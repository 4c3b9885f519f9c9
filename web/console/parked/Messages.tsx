import { Link } from "@tanstack/react-router";
import { useState } from "react";

import { Button } from "../../shared/ui";
import { useDialog } from "../dialog/DialogHost";
import { ParkedDocument } from "../gql/graphql";
import { AsOf } from "../live/AsOf";
import { usePolled } from "../live/polled";
import { Nothing, Part } from "../shell/PageHead";
import { Discard } from "./Discard";
import { MessageRow } from "./MessageRow";
import type { Message } from "./message";
import { counted } from "./outcome";
import styles from "./Parked.module.css";
import { Retry } from "./Retry";
import type { ParkedSearch } from "./search";

const perPage = 25;

/** The parked messages that the address asks for, those first that failed first. Some can be chosen and seen to together. */
export function Messages({ search, onDone }: { search: ParkedSearch; onDone: () => void }) {
  const { context, type, error, after } = search;
  const list = usePolled(
    ParkedDocument,
    {
      context: context ?? null,
      filter: { ...(type !== undefined && { type }), ...(error !== undefined && { error }) },
      first: perPage,
      after: after ?? null,
    },
    5000,
  );
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const page = list.data?.parkedMessages ?? null;
  const nodes = page?.nodes ?? [];
  const picked = nodes.filter(({ id }) => chosen.has(id));
  const done = () => {
    list.again();
    onDone();
  };
  const choose = (messages: readonly Message[], isChosen: boolean) =>
    setChosen((before) => {
      const next = new Set(before);
      for (const { id } of messages) {
        isChosen ? next.add(id) : next.delete(id);
      }
      return next;
    });
  const nameOf = (id: string) => nodes.find((node) => node.id === id)?.type ?? "A message";

  return (
    <Part title="Messages" aside={<AsOf what="the messages" of={list} />}>
      {page === null && list.trouble === null && <p>Looking for messages…</p>}
      {page !== null && nodes.length === 0 && <Nothing>There are none here.</Nothing>}
      {nodes.length > 0 && (
        <>
          <Together nodes={nodes} picked={picked} choose={choose} nameOf={nameOf} onDone={done} />
          <ul className={styles.messages}>
            {nodes.map((message) => (
              <MessageRow
                key={message.id}
                message={message}
                isChosen={chosen.has(message.id)}
                onChoose={(isChosen) => choose([message], isChosen)}
                nameOf={nameOf}
                onDone={done}
              />
            ))}
          </ul>
          <nav className={styles.pages} aria-label="Pages">
            <span className={styles.soft}>{counted(page?.totalCount ?? 0)} in all</span>
            {after !== undefined && (
              <Link to="/parked" search={{ ...search, after: undefined }}>
                First page
              </Link>
            )}
            {page?.pageInfo.hasNextPage && page.pageInfo.endCursor && (
              <Link to="/parked" search={{ ...search, after: page.pageInfo.endCursor }}>
                Next page
              </Link>
            )}
          </nav>
        </>
      )}
    </Part>
  );
}

/** What can be done with several messages together. */
function Together({
  nodes,
  picked,
  choose,
  nameOf,
  onDone,
}: {
  nodes: readonly Message[];
  picked: readonly Message[];
  choose: (messages: readonly Message[], isChosen: boolean) => void;
  nameOf: (id: string) => string;
  onDone: () => void;
}) {
  const open = useDialog();
  const ids = picked.map(({ id }) => id);
  const what = counted(ids.length);
  return (
    <div className={styles.together}>
      <label className={styles.choose}>
        <input
          type="checkbox"
          checked={picked.length === nodes.length}
          onChange={(event) => choose(nodes, event.target.checked)}
        />
        All on this page
      </label>
      {ids.length > 0 && (
        <>
          <span role="status">{what} chosen</span>
          <Button
            onClick={() =>
              open((close) => (
                <Retry what={what} which={[{ messages: { ids } }]} nameOf={nameOf} onDone={onDone} onClose={close} />
              ))
            }
          >
            Retry chosen…
          </Button>
          <Button tone="bad" onClick={() => open((close) => <Discard what={what} ids={ids} onDone={onDone} onClose={close} />)}>
            Discard chosen…
          </Button>
        </>
      )}
    </div>
  );
}
