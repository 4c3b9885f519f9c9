import { describe, expect, test } from "vitest";

import { arrows, contexts, type Fact, isLit } from "./arrows";

const fact = (type: string, consumers: string[], more: Partial<Fact> = {}): Fact => ({
  __typename: "ChoreographyFact",
  type,
  context: type.split(".")[0] ?? "",
  consumers,
  style: "STATE_TRANSFER",
  exchange: "",
  routingKey: "",
  compensation: false,
  lastMinute: 0,
  ...more,
});

describe("arrows", () => {
  test("what one says to another for one purpose is one arrow", () => {
    const found = arrows([fact("a.x.one", ["b"], { lastMinute: 2 }), fact("a.x.two", ["b"], { lastMinute: 3 })]);
    expect(found).toEqual([{ from: "a", to: "b", sort: "fact", types: ["a.x.one", "a.x.two"], lastMinute: 5 }]);
  });
  test("undoing and asking have arrows of their own", () => {
    const found = arrows([
      fact("a.x.one", ["b"]),
      fact("a.x.undone", ["b"], { compensation: true }),
      fact("a.x.please", ["b"], { style: "COMMAND", compensation: true, lastMinute: null }),
    ]);
    expect(found.map(({ sort, lastMinute }) => `${sort} ${lastMinute}`)).toEqual(["fact 0", "undo 0", "command null"]);
  });
  test("what is known of some is not lost by what is not known of others", () =>
    expect(arrows([fact("a.x.one", ["b"], { lastMinute: null }), fact("a.x.two", ["b"], { lastMinute: 1 })])[0]?.lastMinute).toBe(
      1,
    ));
  test("what nobody reacts to has no arrow", () => expect(arrows([fact("a.x.one", [])])).toEqual([]));
});

test("contexts stand in an order of their own, unknown ones at the end", () =>
  expect(
    contexts(arrows([fact("zebra.x.y", ["billing"]), fact("billing.x.y", ["ordering"]), fact("apes.x.y", ["billing"])])),
  ).toEqual(["ordering", "billing", "apes", "zebra"]));

describe("isLit", () => {
  const [arrow] = arrows([fact("a.x.one", ["b"])]);
  const cases: { name: string; focus: Parameters<typeof isLit>[1]; want: boolean }[] = [
    { name: "of who says it", focus: { context: "a" }, want: true },
    { name: "of who hears it", focus: { context: "b" }, want: true },
    { name: "not of others", focus: { context: "c" }, want: false },
    { name: "of what is said", focus: { type: "a.x.one" }, want: true },
    { name: "not of something else", focus: { type: "a.x.two" }, want: false },
    { name: "of nothing", focus: null, want: false },
  ];
  for (const { name, focus, want } of cases) {
    test(name, () => expect(arrow && isLit(arrow, focus)).toBe(want));
  }
});
