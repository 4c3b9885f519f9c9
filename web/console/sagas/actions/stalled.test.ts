import { describe, expect, test } from "vitest";

import { type Actionable, needed, needy, outcomes, stalled } from "./stalled";

const order: Actionable = {
  kind: "ORDER",
  state: "STUCK",
  nextAction: "Billing charges the payment provider; an operator retries or resolves the step charge",
  steps: [
    { __typename: "SagaStep", context: "inventory", name: "reserve", state: "DONE" },
    { __typename: "SagaStep", context: "billing", name: "charge", state: "RUNNING" },
    { __typename: "SagaStep", context: "fulfillment", name: "arrange", state: "PENDING" },
  ],
  subject: { __typename: "Order", id: "o1", number: "Q-1" },
};

describe("stalled", () => {
  const cases: { name: string; saga: Partial<Actionable>; steps: string[] }[] = [
    { name: "the step that the next action names", saga: {}, steps: ["charge"] },
    { name: "none of a saga that is only silent", saga: { nextAction: "Billing charges the payment provider" }, steps: [] },
    { name: "none while nothing is stuck", saga: { state: "RUNNING" }, steps: [] },
    { name: "none while the order is not known", saga: { subject: null }, steps: [] },
    {
      name: "none that is not under way",
      saga: { nextAction: "An operator retries or resolves the step arrange" },
      steps: [],
    },
    {
      name: "several at once",
      saga: {
        nextAction: "An operator retries or resolves the step charge; an operator retries or resolves the step arrange",
        steps: [
          { __typename: "SagaStep", context: "billing", name: "charge", state: "COMPENSATING" },
          { __typename: "SagaStep", context: "fulfillment", name: "arrange", state: "COMPENSATING" },
        ],
      },
      steps: ["charge", "arrange"],
    },
  ];
  for (const { name, saga, steps } of cases) {
    test(name, () => expect(stalled({ ...order, ...saga }).map(({ step }) => step)).toEqual(steps));
  }
});

describe("needy", () => {
  const back: Actionable = {
    ...order,
    kind: "RETURN",
    state: "NEEDS_OPERATOR",
    subject: { __typename: "Return", id: "r1", order: null },
  };
  test("is a return that needs an operator", () => expect(needy(back)).toBe("r1"));
  test("is no return that goes on by itself", () => expect(needy({ ...back, state: "COMPENSATING" })).toBeNull());
  test("is no order", () => expect(needy(order)).toBeNull());
});

describe("outcomes", () => {
  test("of what is done, it is not undone", () =>
    expect(outcomes({ step: "charge", state: "RUNNING" })).toEqual(["DONE", "REFUSED"]));
  test("of what is undone, that comes first", () =>
    expect(outcomes({ step: "charge", state: "COMPENSATING" })[0]).toBe("UNDONE"));
  test("a parcel that is to be handed over is never refused", () =>
    expect(outcomes({ step: "dispatch", state: "RUNNING" })).toEqual(["DONE"]));
});

describe("needed", () => {
  const cases: [string, "DONE" | "REFUSED" | "UNDONE", boolean, boolean][] = [
    ["charge", "DONE", true, false],
    ["charge", "UNDONE", true, false],
    ["charge", "REFUSED", false, false],
    ["arrange", "DONE", true, true],
    ["arrange", "UNDONE", false, false],
    ["dispatch", "DONE", false, false],
  ];
  for (const [step, outcome, reference, carrier] of cases) {
    test(`for ${step} ${outcome}`, () => expect(needed(step, outcome)).toEqual({ reference, carrier }));
  }
});
