import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";

import { Field } from "../../shared/ui";
import { ParkedGroupsDocument } from "../gql/graphql";
import { AsOf } from "../live/AsOf";
import { usePolled } from "../live/polled";
import { Nothing, PageHead } from "../shell/PageHead";
import { Groups } from "./Groups";
import { Messages } from "./Messages";
import type { Group } from "./message";
import styles from "./Parked.module.css";
import { type ParkedSearch, parkedSearch } from "./search";

/** What the contexts could not handle, and what an operator can do about it. */
export function Parked() {
  const search = getRouteApi("/parked").useSearch();
  const all = usePolled(ParkedGroupsDocument, {}, 5000);
  const groups = all.data?.parkedMessages?.groups ?? null;
  return (
    <>
      <title>Parked messages · Quadrille console</title>
      <PageHead title="Parked messages">
        <p>
          A message that a context cannot handle is set aside, and later ones about the same thing wait behind it in order. All
          others flow on. What is done here is in the <Link to="/audit">audit log</Link>.
        </p>
        {all.trouble !== null && <AsOf what="the causes" of={all} />}
      </PageHead>
      {groups?.length === 0 && all.trouble === null && <Nothing>Nothing is parked: everything that was said is handled.</Nothing>}
      {groups !== null && groups.length > 0 && (
        <>
          <Groups groups={groups} onDone={all.again} />
          <div id="messages" className={styles.narrow}>
            <Narrow search={search} groups={groups} />
          </div>
          <Messages key={JSON.stringify(search)} search={search} onDone={all.again} />
        </>
      )}
      {groups === null && all.trouble === null && <p>Asking the contexts…</p>}
    </>
  );
}

/** Says which messages are looked at. */
function Narrow({ search, groups }: { search: ParkedSearch; groups: readonly Group[] }) {
  const navigate = useNavigate({ from: "/parked" });
  const look = (change: Record<string, unknown>) =>
    navigate({ search: parkedSearch({ ...search, after: undefined, ...change }), hash: "messages", resetScroll: false });
  const contexts = options(
    groups.map(({ context }) => context),
    search.context,
  );
  const types = options(
    groups.filter(({ context }) => search.context === undefined || context === search.context).map(({ type }) => type),
    search.type,
  );
  return (
    <>
      <Field label="Context">
        <select value={search.context ?? ""} onChange={(event) => look({ context: event.target.value, error: undefined })}>
          <option value="">Any</option>
          {contexts.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </Field>
      <Field label="Type">
        <select value={search.type ?? ""} onChange={(event) => look({ type: event.target.value, error: undefined })}>
          <option value="">Any</option>
          {types.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </Field>
      {search.error !== undefined && (
        <p className={styles.only}>
          Only with the error <span className={styles.error}>{search.error}</span>{" "}
          <Link to="/parked" search={{ ...search, error: undefined, after: undefined }}>
            Show those with others, too
          </Link>
        </p>
      )}
    </>
  );
}

/** What can be chosen, and what is chosen although there is none of it any more. */
function options(names: readonly string[], chosen: string | undefined): string[] {
  return [...new Set(chosen === undefined ? names : [...names, chosen])].sort();
}
