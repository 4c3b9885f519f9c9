import { getRouteApi, Link } from "@tanstack/react-router";
import { useState } from "react";

import { Moment } from "../../shared/moment";
import { AuditDocument, type AuditQuery } from "../gql/graphql";
import { AsOf } from "../live/AsOf";
import { usePolled } from "../live/polled";
import { Nothing, PageHead } from "../shell/PageHead";
import { Filter } from "../table/Filter";
import { matches } from "../table/sort";
import { type Column, Table } from "../table/Table";
import styles from "./Audit.module.css";
import { placeOf } from "./target";

type Entry = NonNullable<AuditQuery["auditLog"]>["nodes"][number];

const perPage = 50;
const clock = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "medium" });

const columns: Column<Entry>[] = [
  {
    name: "When",
    by: ({ at }) => Date.parse(at),
    show: ({ at }) => (
      <span className={styles.when}>
        {clock.format(new Date(at))}
        <span className={styles.ago}>
          <Moment at={at} />
        </span>
      </span>
    ),
  },
  { name: "Who", by: ({ actor }) => actor },
  { name: "Did what", by: ({ action }) => action, show: ({ action }) => <code>{action}</code> },
  { name: "To what", by: ({ target }) => target, show: (entry) => <Target entry={entry} /> },
  { name: "In", by: ({ context }) => context },
  { name: "Detail", by: ({ detail }) => detail, show: ({ detail }) => <span className={styles.detail}>{detail}</span> },
];

/** What operators did, the latest first. */
export function Audit() {
  const { after } = getRouteApi("/audit").useSearch();
  const log = usePolled(AuditDocument, { first: perPage, after: after ?? null }, 10_000);
  const [typed, setTyped] = useState("");
  const page = log.data?.auditLog ?? null;
  const found = page?.nodes.filter(({ actor, action, target, context, detail }) =>
    matches(typed, [actor, action, target, context, detail]),
  );
  return (
    <>
      <title>Audit log · Quadrille console</title>
      <PageHead title="Audit log">
        <p>All that operators did. Each entry was written in the transaction that did it.</p>
        <AsOf what="the log" of={log} />
      </PageHead>
      {page === null && log.trouble === null && <p>Reading the log…</p>}
      {page !== null && page.nodes.length === 0 && <Nothing>No operator has done anything yet.</Nothing>}
      {page !== null && page.nodes.length > 0 && (
        <>
          <div className={styles.filter}>
            <Filter label="Filter this page" hint="Words of who, what, to what, or why." value={typed} onChange={setTyped} />
          </div>
          <p role="status" className={styles.found}>
            {found?.length === page.nodes.length ? "" : `${found?.length} of ${page.nodes.length} on this page`}
          </p>
          {found?.length === 0 ? (
            <Nothing>Nothing on this page has these words.</Nothing>
          ) : (
            <Table caption="Audit log" columns={columns} rows={found ?? []} keyOf={({ id }) => id} />
          )}
          <nav className={styles.pages} aria-label="Pages">
            <span className={styles.total}>{page.totalCount.toLocaleString("en-GB")} entries in all</span>
            {after !== undefined && (
              <Link to="/audit" search={{}}>
                First page
              </Link>
            )}
            {page.pageInfo.hasNextPage && page.pageInfo.endCursor && (
              <Link to="/audit" search={{ after: page.pageInfo.endCursor }}>
                Next page
              </Link>
            )}
          </nav>
        </>
      )}
    </>
  );
}

function Target({ entry }: { entry: Entry }) {
  const place = placeOf(entry);
  const text = <code className={styles.target}>{entry.target}</code>;
  switch (place?.to) {
    case "saga":
      return (
        <Link to="/sagas/$id" params={{ id: place.id }}>
          {text}
        </Link>
      );
    case "sku":
      return (
        <Link to="/sagas" search={{ q: place.sku }}>
          {text}
        </Link>
      );
    default:
      return text;
  }
}
