import { Link } from "@tanstack/react-router";

import { Badge } from "../../shared/ui";
import { duration } from "../live/duration";
import { type Column, Table } from "../table/Table";
import styles from "./ContextTable.module.css";
import { type Context, condition } from "./condition";

/** A number of messages: none is said quietly, and what is not known is not said to be none. */
export function Count({ of, alarming = false }: { of: number | null | undefined; alarming?: boolean }) {
  if (of === null || of === undefined) {
    return <span className={styles.none}>–</span>;
  }
  return <span className={of === 0 ? styles.none : alarming ? styles.alarming : styles.some}>{of.toLocaleString("en-GB")}</span>;
}

const columns: Column<Context>[] = [
  {
    name: "Context",
    by: ({ name }) => name,
    show: ({ name }) => (
      <Link to="/contexts/$name" params={{ name }}>
        {name}
      </Link>
    ),
  },
  {
    name: "Health",
    by: (context) => condition(context).word,
    show: (context) => {
      const { word, tone } = condition(context);
      return <Badge tone={tone}>{word}</Badge>;
    },
  },
  {
    name: "Outbox backlog",
    numeric: true,
    by: ({ outboxBacklog }) => outboxBacklog,
    show: (context) => <Count of={context.outboxBacklog} />,
  },
  {
    name: "Oldest",
    numeric: true,
    by: (context) => (context.outboxBacklog ? context.oldestUnpublishedSeconds : null),
    show: ({ outboxBacklog, oldestUnpublishedSeconds }) =>
      outboxBacklog && oldestUnpublishedSeconds ? duration(oldestUnpublishedSeconds) : <span className={styles.none}>–</span>,
  },
  { name: "Inbox ready", numeric: true, by: ({ inboxReady }) => inboxReady, show: ({ inboxReady }) => <Count of={inboxReady} /> },
  {
    name: "Parked",
    numeric: true,
    by: ({ parked }) => parked,
    show: ({ name, parked }) =>
      parked ? (
        <Link to="/parked" search={{ context: name }}>
          <Count of={parked} alarming />
        </Link>
      ) : (
        <Count of={parked} />
      ),
  },
  { name: "Dead", numeric: true, by: ({ dead }) => dead, show: ({ dead }) => <Count of={dead} alarming /> },
  {
    name: "Version",
    by: ({ version }) => version,
    show: ({ version }) => <span className={styles.version}>{version ?? "–"}</span>,
  },
];

/** All contexts by number. */
export function ContextTable({ contexts }: { contexts: readonly Context[] }) {
  return <Table caption="Contexts" columns={columns} rows={contexts} keyOf={({ name }) => name} />;
}
