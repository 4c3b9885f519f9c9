import { Link } from "@tanstack/react-router";

import { Moment } from "../../shared/moment";
import { FactName } from "../facts/FactName";
import type { ContextParkedQuery } from "../gql/graphql";
import { type Age, AsOf } from "../live/AsOf";
import { Nothing, Part } from "../shell/PageHead";
import { type Column, Table } from "../table/Table";

type Parked = NonNullable<ContextParkedQuery["parkedMessages"]>;
type Message = Parked["nodes"][number];

const columns: Column<Message>[] = [
  { name: "Message", by: ({ type }) => type, show: ({ type }) => <FactName type={type} /> },
  { name: "Why", by: ({ error }) => error },
  { name: "Attempts", numeric: true, by: ({ attempts }) => attempts },
  {
    name: "Failed last",
    by: ({ lastFailedAt }) => Date.parse(lastFailedAt),
    show: ({ lastFailedAt }) => <Moment at={lastFailedAt} />,
  },
  { name: "Behind it", numeric: true, by: ({ behind }) => behind },
];

/** What a context has set aside: the first few, and where the rest is; null while that is not known. */
export function ContextParked({ name, parked, asOf }: { name: string; parked: Parked | null; asOf: Age }) {
  return (
    <Part
      title="Parked messages"
      aside={
        parked !== null &&
        parked.totalCount > 0 && (
          <Link to="/parked" search={{ context: name }}>
            See to {parked.totalCount === 1 ? "it" : `all ${parked.totalCount}`}
          </Link>
        )
      }
    >
      {asOf.trouble !== null && <AsOf what="the messages" of={asOf} />}
      {parked === null && asOf.trouble === null && <p>Asking for the messages…</p>}
      {parked?.totalCount === 0 && <Nothing>It has handled all that it heard.</Nothing>}
      {parked !== null && parked.totalCount > 0 && (
        <Table caption={`Parked messages of ${name}`} columns={columns} rows={parked.nodes} keyOf={({ id }) => id} />
      )}
    </Part>
  );
}
