import { describe, expect, test } from "vitest";

import type { StoryFactFragment } from "../gql/graphql";
import { begin, fact } from "./facts.testing";
import { delivered, noPages, type Pages, turned, unsettled } from "./pages";
import type { Delivery } from "./story";

const entry = (sequence: number, ...deliveries: Delivery[]) => ({
  cursor: `cursor ${sequence}`,
  node: fact(`fact ${sequence}`, 0, { sequence, deliveries }) as StoryFactFragment,
});
const page = (...edges: ReturnType<typeof entry>[]) =>
  ({ edges, pageInfo: { hasNextPage: false }, totalCount: edges.length }) as never;
const ids = ({ entries }: Pages) => entries.map(({ fact }) => fact.id);

describe("turned", () => {
  test("what is known already is there once", () => {
    const pages = turned(turned(noPages, page(entry(1), entry(2)), false), page(entry(2), entry(3)), true);
    expect(ids(pages)).toEqual(["fact 1", "fact 2", "fact 3"]);
  });
  test("only what came while somebody looked is fresh", () => {
    const pages = turned(turned(noPages, page(entry(1), entry(2)), false), page(entry(2), entry(3)), true);
    expect([...pages.fresh]).toEqual(["fact 3"]);
  });
});

describe("unsettled", () => {
  const state = (state: Delivery["state"]): Delivery => ({ context: "billing", state });
  const minutes = 60_000;
  const cases: { name: string; pages: ReturnType<typeof entry>[]; after: number; want: object | null }[] = [
    { name: "nothing, if all is handled", pages: [entry(1, state("HANDLED")), entry(2)], after: 0, want: null },
    { name: "what is not there yet", pages: [entry(1, state("UNKNOWN"))], after: 9 * minutes, want: { after: null, first: 1 } },
    { name: "not what is forgotten", pages: [entry(1, state("UNKNOWN"))], after: 11 * minutes, want: null },
    {
      name: "what is parked, however long",
      pages: [entry(1, state("PARKED"))],
      after: 9999 * minutes,
      want: { after: null, first: 1 },
    },
    {
      name: "the least page that has all of it",
      pages: [entry(1), entry(2, state("RETRYING")), entry(3, state("HANDLED")), entry(4, state("BEHIND")), entry(5)],
      after: 0,
      want: { after: "cursor 1", first: 3 },
    },
    {
      name: "a hundred at a time",
      pages: Array.from({ length: 250 }, (_, i) => entry(i + 1, state("PARKED"))),
      after: 0,
      want: { after: null, first: 100 },
    },
  ];
  for (const { name, pages, after, want } of cases) {
    test(name, () => expect(unsettled(turned(noPages, page(...pages), false), begin + after)).toEqual(want));
  }
});

describe("delivered", () => {
  const before = turned(noPages, page(entry(1, { context: "billing", state: "UNKNOWN" })), false);
  test("takes over what has changed", () => {
    const after = delivered(before, [{ id: "fact 1", deliveries: [{ context: "billing", state: "HANDLED" }] }]);
    expect(after.entries[0]?.fact.deliveries).toMatchObject([{ state: "HANDLED" }]);
  });
  test("is the same if nothing has, or nothing is known", () => {
    expect(delivered(before, [{ id: "fact 1", deliveries: [{ context: "billing", state: "UNKNOWN" }] }])).toBe(before);
    expect(delivered(before, [{ id: "fact 1", deliveries: null }])).toBe(before);
  });
});
