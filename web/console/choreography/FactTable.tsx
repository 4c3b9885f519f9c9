import { Link } from "@tanstack/react-router";
import { useState } from "react";

import { Count } from "../contexts/ContextTable";
import { FactName } from "../facts/FactName";
import { FactSort } from "../facts/FactSort";
import { Nothing } from "../shell/PageHead";
import { Filter } from "../table/Filter";
import { matches } from "../table/sort";
import { type Column, Table } from "../table/Table";
import type { Fact, Focus } from "./arrows";
import styles from "./Choreography.module.css";

const columns: Column<Fact>[] = [
  { name: "Fact", by: ({ type }) => type, show: ({ type }) => <FactName type={type} /> },
  {
    name: "Who says it",
    by: ({ context }) => context,
    show: ({ context }) => (
      <Link to="/contexts/$name" params={{ name: context }}>
        {context}
      </Link>
    ),
  },
  {
    name: "Who reacts",
    by: ({ consumers }) => consumers.join(", ") || null,
    show: ({ consumers }) => consumers.join(", ") || "nobody",
  },
  { name: "What it is", by: ({ style }) => style, show: (fact) => <FactSort of={fact} /> },
  { name: "Exchange", by: ({ exchange }) => exchange, show: ({ exchange }) => <span className={styles.key}>{exchange}</span> },
  {
    name: "Routing key",
    by: ({ routingKey }) => routingKey,
    show: ({ routingKey }) => <span className={styles.key}>{routingKey}</span>,
  },
  { name: "Last minute", numeric: true, by: ({ lastMinute }) => lastMinute, show: ({ lastMinute }) => <Count of={lastMinute} /> },
];

/** All that is in the picture, and what nobody reacts to as well. */
export function FactTable({ facts, focus }: { facts: readonly Fact[]; focus: Focus }) {
  const [typed, setTyped] = useState("");
  const found = facts.filter(({ type, consumers, style, exchange, routingKey }) =>
    matches(typed, [type, ...consumers, style, exchange, routingKey]),
  );
  const isLit = ({ type, context, consumers }: Fact) =>
    focus !== null && ("type" in focus ? type === focus.type : context === focus.context || consumers.includes(focus.context));
  return (
    <div className={styles.tools}>
      <div className={styles.filter}>
        <Filter label="Filter" hint="Words of a fact, a context or a routing key." value={typed} onChange={setTyped} />
      </div>
      <p role="status" className={styles.soft}>
        {found.length === facts.length ? `${facts.length} in all` : `${found.length} of ${facts.length}`}
      </p>
      {found.length === 0 ? (
        <Nothing>None has these words.</Nothing>
      ) : (
        <Table caption="Facts and commands" columns={columns} rows={found} keyOf={({ type }) => type} isLit={isLit} />
      )}
    </div>
  );
}
