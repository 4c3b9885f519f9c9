import { Moment } from "../../shared/moment";
import { Badge } from "../../shared/ui";
import { type Column, Table } from "../table/Table";
import type { Breaker } from "./condition";

const states: Record<Breaker["state"], { word: string; tone: "good" | "undo" | "bad" }> = {
  CLOSED: { word: "Closed: calls go through", tone: "good" },
  OPEN: { word: "Open: calls are refused at once", tone: "bad" },
  HALF_OPEN: { word: "Half open: a few calls, to see", tone: "undo" },
};

const columns: Column<Breaker>[] = [
  { name: "From", by: ({ from }) => from },
  { name: "To", by: ({ to }) => to },
  {
    name: "State",
    by: ({ state }) => states[state].word,
    show: ({ state }) => <Badge tone={states[state].tone}>{states[state].word}</Badge>,
  },
  { name: "Since", by: ({ since }) => Date.parse(since), show: ({ since }) => <Moment at={since} /> },
  { name: "Failed calls", numeric: true, by: ({ failures }) => failures },
];

/** Circuit breakers: who does not get through to whom, and since when. */
export function BreakerTable({ breakers }: { breakers: readonly Breaker[] }) {
  return <Table caption="Circuit breakers" columns={columns} rows={breakers} keyOf={({ from, to }) => `${from} ${to}`} />;
}
