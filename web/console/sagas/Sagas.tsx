import { getRouteApi, Link } from "@tanstack/react-router";

import { Button } from "../../shared/ui";
import { SagasDocument } from "../gql/graphql";
import { AsOf } from "../live/AsOf";
import { usePolled } from "../live/polled";
import { Nothing, PageHead, Part } from "../shell/PageHead";
import { filterOf } from "./about";
import { useChanges } from "./changes";
import { Needy } from "./Needy";
import { begun, updated } from "./rows";
import { SagaSearch } from "./SagaSearch";
import styles from "./Sagas.module.css";
import { SagaTable } from "./SagaTable";
import type { SagasSearch } from "./search";

const perPage = 25;
// Rows are kept up to date by what is heard; this is for what was not heard.
const every = 15_000;

/** All sagas: those first that somebody has to look at, then what the address asks for. */
export function Sagas() {
  const search = getRouteApi("/sagas").useSearch();
  return (
    <>
      <title>Sagas · Quadrille console</title>
      <PageHead title="Sagas">
        <p>What the contexts do together for an order or a return, as it goes on.</p>
      </PageHead>
      <SagaSearch key={search.q ?? ""} search={search} />
      {search.state === undefined && search.after === undefined && <Attention search={search} />}
      <List search={search} />
    </>
  );
}

function Attention({ search }: { search: SagasSearch }) {
  const filter = { ...filterOf(search), states: ["STUCK" as const, "NEEDS_OPERATOR" as const] };
  const needy = usePolled(SagasDocument, { filter, first: 20, after: null }, 5000);
  const page = needy.data?.sagas;
  if (!page || page.totalCount === 0) {
    return null;
  }
  return (
    <Part
      title={`${page.totalCount} ${page.totalCount === 1 ? "saga needs" : "sagas need"} attention`}
      aside={needy.trouble !== null && <AsOf what="these sagas" of={needy} />}
    >
      <Needy sagas={page.nodes} onDone={needy.again} />
      {page.totalCount > page.nodes.length && (
        <p>
          These are the latest {page.nodes.length}. <Link {...filtered({ ...search, state: "STUCK" })}>All that are stuck</Link>,{" "}
          <Link {...filtered({ ...search, state: "NEEDS_OPERATOR" })}>all that need an operator</Link>
        </p>
      )}
    </Part>
  );
}

function filtered(search: SagasSearch) {
  return { to: "/sagas" as const, search };
}

function List({ search }: { search: SagasSearch }) {
  const filter = filterOf(search);
  const list = usePolled(SagasDocument, { filter, first: perPage, after: search.after ?? null }, every);
  const page = list.data?.sagas ?? null;
  const { state, ...broad } = filter;
  const heard = useChanges(broad, page);
  const isFirst = search.after === undefined;
  const more =
    page === null || !isFirst ? 0 : begun(page.nodes, heard, (change) => state === undefined || change.state === state);
  const isNarrowed = search.q !== undefined || search.kind !== undefined || state !== undefined;
  return (
    <Part title={isNarrowed ? "Sagas found" : "All sagas"} aside={<AsOf what="the list" of={list} />}>
      <div role="status" className={styles.news}>
        {more > 0 && (
          <Button onClick={list.again}>
            {more === 1 ? "1 new saga" : `${more} new sagas`}: show {more === 1 ? "it" : "them"}
          </Button>
        )}
      </div>
      {page === null && list.trouble === null && <p>Looking for sagas…</p>}
      {page?.nodes.length === 0 && (
        <Nothing>{isNarrowed ? "There is no such saga." : "There are no sagas yet: they begin with an order."}</Nothing>
      )}
      {page !== null && page.nodes.length > 0 && (
        <>
          <SagaTable sagas={updated(page.nodes, heard)} />
          <nav className={styles.pages} aria-label="Pages">
            <span className={styles.total}>{page.totalCount.toLocaleString("en-GB")} in all, the latest first</span>
            {!isFirst && <Link {...filtered({ ...search, after: undefined })}>First page</Link>}
            {page.pageInfo.hasNextPage && page.pageInfo.endCursor && (
              <Link {...filtered({ ...search, after: page.pageInfo.endCursor })}>Next page</Link>
            )}
          </nav>
        </>
      )}
    </Part>
  );
}
