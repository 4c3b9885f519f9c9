import { expect, test } from "vitest";

import { breakers, type Context, condition } from "./condition";

const well: Context = {
  __typename: "Context",
  name: "ordering",
  version: "1",
  reachable: true,
  outboxBacklog: 0,
  oldestUnpublishedSeconds: 0,
  relayPaused: null,
  inboxReady: 0,
  parked: 0,
  dead: 0,
  breakers: [],
};

const breaker = (to: string, state: "CLOSED" | "OPEN" | "HALF_OPEN"): Context["breakers"][number] => ({
  __typename: "Breaker",
  to,
  state,
  since: "2026-01-01T00:00:00Z",
  failures: 5,
});

const cases: { name: string; context: Partial<Context>; word: string; reasons: number }[] = [
  { name: "a context that answers and has nothing set aside is well", context: {}, word: "Well", reasons: 0 },
  {
    name: "one that does not answer is away, whatever was known",
    context: { reachable: false, parked: 3 },
    word: "Away",
    reasons: 1,
  },
  { name: "one that publishes nothing is paused", context: { relayPaused: "no binding" }, word: "Paused", reasons: 1 },
  {
    name: "one whose calls are refused is cut off",
    context: { breakers: [breaker("pricing", "OPEN")] },
    word: "Cut off",
    reasons: 1,
  },
  {
    name: "so is one whose calls are tried again",
    context: { breakers: [breaker("pricing", "HALF_OPEN")] },
    word: "Cut off",
    reasons: 1,
  },
  { name: "closed breakers are well", context: { breakers: [breaker("pricing", "CLOSED")] }, word: "Well", reasons: 0 },
  { name: "parked messages need a look", context: { parked: 1 }, word: "Needs a look", reasons: 1 },
  {
    name: "the worst is said first, and the rest as well",
    context: { relayPaused: "x", parked: 1, dead: 2 },
    word: "Paused",
    reasons: 3,
  },
  { name: "what is not known of the gateway is no trouble", context: { parked: null, dead: null }, word: "Well", reasons: 0 },
];

for (const { name, context, word, reasons } of cases) {
  test(name, () => {
    const found = condition({ ...well, ...context });
    expect(found.word).toBe(word);
    expect(found.why).toHaveLength(reasons);
  });
}

test("breakers that refuse calls come first", () => {
  const contexts = [
    { ...well, name: "a", breakers: [breaker("x", "CLOSED"), breaker("y", "HALF_OPEN")] },
    { ...well, name: "b", breakers: [breaker("z", "OPEN")] },
  ];
  expect(breakers(contexts).map(({ from, to }) => `${from} ${to}`)).toEqual(["b z", "a y", "a x"]);
});
