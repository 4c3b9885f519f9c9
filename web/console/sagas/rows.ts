import type { SagaChangedSubscription, SagasQuery } from "../gql/graphql";

/** A saga in the list. */
export type Row = NonNullable<SagasQuery["sagas"]>["nodes"][number];

/** How a saga stands, as it was heard. */
export type Change = SagaChangedSubscription["sagaChanged"]["saga"] & { sequence: number };

/** What was heard since the list was asked for: the last of each saga. */
export type Heard = ReadonlyMap<string, Change>;

/** Adds what was just heard. What arrives late does not undo what is newer. */
export function hear(heard: Heard, changes: readonly Change[]): Heard {
  const after = new Map(heard);
  for (const change of changes) {
    const before = after.get(change.id);
    if (before === undefined || before.sequence < change.sequence) {
      after.set(change.id, change);
    }
  }
  return after;
}

/** The rows as they are now, each where it was. */
export function updated(rows: readonly Row[], heard: Heard): Row[] {
  return rows.map((row) => {
    const change = heard.get(row.id);
    return change !== undefined && Date.parse(change.lastFactAt) >= Date.parse(row.lastFactAt) ? { ...row, ...change } : row;
  });
}

/** How many sagas began since the list was asked for that would stand at its top. */
export function begun(rows: readonly Row[], heard: Heard, wanted: (change: Change) => boolean): number {
  const newest = Math.max(...rows.map(({ startedAt }) => Date.parse(startedAt)));
  const listed = new Set(rows.map(({ id }) => id));
  return [...heard.values()].filter((change) => !listed.has(change.id) && Date.parse(change.startedAt) > newest && wanted(change))
    .length;
}
