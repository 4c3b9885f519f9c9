import { Link } from "@tanstack/react-router";

import { ratesAge } from "../choreography/arrows";
import { FactName } from "../facts/FactName";
import { FactSort } from "../facts/FactSort";
import type { ContextSaysQuery } from "../gql/graphql";
import { type Age, AsOf } from "../live/AsOf";
import { Nothing, Part } from "../shell/PageHead";
import { type Column, Table } from "../table/Table";
import styles from "./ContextPage.module.css";
import { Count } from "./ContextTable";

type Fact = NonNullable<ContextSaysQuery["choreography"]>[number];

const fact: Column<Fact> = { name: "Fact", by: ({ type }) => type, show: ({ type }) => <FactName type={type} /> };
const sort: Column<Fact> = { name: "What it is", by: ({ style }) => style, show: (fact) => <FactSort of={fact} /> };
const rate: Column<Fact> = {
  name: "Last minute",
  numeric: true,
  by: ({ lastMinute }) => lastMinute,
  show: ({ lastMinute }) => <Count of={lastMinute} />,
};

const published: Column<Fact>[] = [
  fact,
  { name: "Who reacts", by: ({ consumers }) => consumers.join(" "), show: ({ consumers }) => <Names of={consumers} /> },
  sort,
  rate,
];
const consumed: Column<Fact>[] = [
  fact,
  { name: "Who says it", by: ({ context }) => context, show: ({ context }) => <Names of={[context]} /> },
  sort,
  rate,
];

/** What a context says, and what it reacts to; null while that is not known. */
export function ContextFacts({ name, facts, asOf }: { name: string; facts: readonly Fact[] | null; asOf: Age }) {
  const says = facts?.filter(({ context }) => context === name);
  const hears = facts?.filter(({ consumers }) => consumers.includes(name));
  const stale = asOf.trouble !== null && <AsOf what="the rates" of={ratesAge(facts, asOf)} />;
  return (
    <>
      <Part title="What it says" aside={stale}>
        {says === undefined && <p>Asking for the choreography…</p>}
        {says?.length === 0 && <Nothing>It publishes nothing.</Nothing>}
        {says !== undefined && says.length > 0 && (
          <Table caption={`What ${name} publishes`} columns={published} rows={says} keyOf={({ type }) => type} />
        )}
      </Part>
      <Part title="What it reacts to">
        {hears === undefined && <p>Asking for the choreography…</p>}
        {hears?.length === 0 && (
          <Nothing>
            {name === "chronicle" ? "It records every fact, and reacts to none." : "It reacts to nothing that others say."}
          </Nothing>
        )}
        {hears !== undefined && hears.length > 0 && (
          <Table caption={`What ${name} reacts to`} columns={consumed} rows={hears} keyOf={({ type }) => type} />
        )}
      </Part>
    </>
  );
}

function Names({ of }: { of: readonly string[] }) {
  if (of.length === 0) {
    return "nobody";
  }
  return (
    <span className={styles.names}>
      {of.map((name) => (
        <Link key={name} to="/contexts/$name" params={{ name }}>
          {name}
        </Link>
      ))}
    </span>
  );
}
