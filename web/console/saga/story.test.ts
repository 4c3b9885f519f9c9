import { describe, expect, test } from "vitest";

import { begin, fact } from "./facts.testing";
import { chain, type Fact, story } from "./story";

const undoing = new Set(["billing.payment.voided", "ordering.return.stepCompensated"]);
const step = (what: string, ms: number, sequence: number, step: string, context: string, causationId: string | null, more = {}) =>
  fact(`ordering.return.${what}`, ms, {
    sequence,
    id: `${what} ${step}`,
    causationId,
    payload: JSON.stringify({ step, context, ...more }),
  });

const giveBack: Fact[] = [
  fact("ordering.return.requested", 0, { sequence: 1 }),
  step("stepStarted", 0, 2, "pickup", "fulfillment", null),
  step("stepCompleted", 20, 3, "pickup", "fulfillment", "an answer"),
  step("stepStarted", 20, 4, "refund", "billing", "an answer"),
  fact("billing.creditnote.issued", 30, { sequence: 5, causationId: "a command" }),
  {
    ...step("stepFailed", 40, 6, "refund", "billing", "another answer", { cause: "REFUSED" }),
    effect: { state: "COMPENSATING", steps: [{ to: "FAILED" }] },
  },
  step("stepCompensated", 60, 7, "pickup", "fulfillment", "a third answer", { by: "CONTEXT" }),
];

describe("story", () => {
  const orders: { name: string; facts: Fact[]; want: string[] }[] = [
    {
      name: "is told in the order of happening, not of arrival",
      facts: [
        fact("billing.invoice.issued", 8, { sequence: 2, causationId: "ordering.order.placed" }),
        fact("ordering.order.placed", 0, { sequence: 1 }),
        fact("inventory.stock.reserved", 7, { sequence: 3, causationId: "ordering.order.placed" }),
      ],
      want: ["ordering.order.placed 0", "inventory.stock.reserved 7", "billing.invoice.issued 8"],
    },
    {
      name: "what led to something comes before it, though a clock is behind",
      facts: [
        fact("inventory.stock.reserved", -30, { sequence: 1, causationId: "ordering.order.placed" }),
        fact("ordering.order.placed", 0, { sequence: 2 }),
        fact("billing.payment.captured", -20, { sequence: 3, causationId: "inventory.stock.reserved" }),
      ],
      want: ["ordering.order.placed 0", "inventory.stock.reserved 0", "billing.payment.captured 0"],
    },
    {
      name: "facts that led to each other in a circle are told all the same",
      facts: [fact("a.b.c", 1, { sequence: 1, causationId: "d.e.f" }), fact("d.e.f", 2, { sequence: 2, causationId: "a.b.c" })],
      want: ["d.e.f 2", "a.b.c 2"],
    },
    { name: "of nothing is nothing", facts: [], want: [] },
  ];
  for (const { name, facts, want } of orders) {
    test(name, () => expect(story(facts, undoing).map(({ id, at }) => `${id} ${at - begin}`)).toEqual(want));
  }

  test("says by how much a clock is behind", () => {
    const facts = [fact("a.b.c", 5, { sequence: 1 }), fact("d.e.f", 2, { sequence: 2, causationId: "a.b.c" })];
    expect(story(facts, undoing).map(({ skew }) => skew)).toEqual([0, 3]);
  });

  test("finds what led to facts by way of commands and answers, which are not recorded", () => {
    const causes = story(giveBack, undoing).map(({ id, cause, told }) => `${id} < ${cause}${told ? "" : " (derived)"}`);
    expect(causes).toEqual([
      "ordering.return.requested < null",
      "stepStarted pickup < null",
      "stepCompleted pickup < stepStarted pickup (derived)",
      "stepStarted refund < stepCompleted pickup (derived)",
      "billing.creditnote.issued < stepStarted refund (derived)",
      "stepFailed refund < stepStarted refund (derived)",
      "stepCompensated pickup < stepFailed refund (derived)",
    ]);
  });

  const manners: { name: string; fact: Fact; manner: string; dialogue: string | null }[] = [
    { name: "a fact", fact: fact("a.b.c", 0, { sequence: 1 }), manner: "does", dialogue: null },
    { name: "a type that undoes", fact: fact("billing.payment.voided", 0, { sequence: 1 }), manner: "undoes", dialogue: null },
    {
      name: "a step that is undone",
      fact: fact("a.b.c", 0, { sequence: 1, effect: { state: "COMPENSATING", steps: [{ to: "COMPENSATED" }] } }),
      manner: "undoes",
      dialogue: null,
    },
    {
      name: "a step that fails, also of a type that undoes",
      fact: fact("billing.payment.voided", 0, { sequence: 1, effect: { state: "COMPENSATING", steps: [{ to: "FAILED" }] } }),
      manner: "fails",
      dialogue: null,
    },
    {
      name: "a step that stalls",
      fact: fact("a.b.c", 0, { sequence: 1, effect: { state: "NEEDS_OPERATOR", steps: [] } }),
      manner: "fails",
      dialogue: null,
    },
    {
      name: "a command",
      fact: step("stepStarted", 0, 1, "pickup", "fulfillment", null),
      manner: "does",
      dialogue: "command fulfillment",
    },
    {
      name: "an answer",
      fact: step("stepCompleted", 0, 1, "pickup", "fulfillment", null),
      manner: "does",
      dialogue: "answer fulfillment",
    },
    {
      name: "no answer for too long",
      fact: step("stepFailed", 0, 1, "refund", "billing", null, { cause: "TIMED_OUT" }),
      manner: "does",
      dialogue: null,
    },
    {
      name: "an operator who resolves",
      fact: step("stepCompensated", 0, 1, "refund", "billing", null, { by: "OPERATOR" }),
      manner: "undoes",
      dialogue: null,
    },
    {
      name: "a command of which the payload is not known",
      fact: { ...step("stepStarted", 0, 1, "pickup", "fulfillment", null), payload: null },
      manner: "does",
      dialogue: null,
    },
  ];
  for (const { name, fact, manner, dialogue } of manners) {
    test(`tells apart ${name}`, () => {
      const [message] = story([fact], undoing);
      expect(message?.manner).toBe(manner);
      expect(message?.dialogue ? `${message.dialogue.kind} ${message.dialogue.with}` : null).toBe(dialogue);
    });
  }
});

describe("chain", () => {
  const facts = [
    fact("placed.a.a", 0, { sequence: 1 }),
    fact("reserved.a.a", 1, { sequence: 2, causationId: "placed.a.a" }),
    fact("issued.a.a", 2, { sequence: 3, causationId: "placed.a.a" }),
    fact("captured.a.a", 3, { sequence: 4, causationId: "reserved.a.a" }),
    fact("cancelled.a.a", 4, { sequence: 5 }),
  ];
  const messages = story(facts, undoing);
  const cases: { of: string; want: string[] }[] = [
    { of: "placed.a.a", want: ["captured.a.a", "issued.a.a", "placed.a.a", "reserved.a.a"] },
    { of: "reserved.a.a", want: ["captured.a.a", "placed.a.a", "reserved.a.a"] },
    { of: "issued.a.a", want: ["issued.a.a", "placed.a.a"] },
    { of: "cancelled.a.a", want: ["cancelled.a.a"] },
  ];
  for (const { of, want } of cases) {
    test(`of ${of} has what led to it and what it led to`, () => expect([...chain(messages, of)].sort()).toEqual(want));
  }
});
