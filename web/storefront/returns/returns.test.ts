import { describe, expect, test } from "vitest";

import type { ReturnPartsFragment, ReturnState, SagaStepState } from "../gql/graphql";
import { refusals, returnable } from "./returnable";
import { tellReturn, tellStep } from "./tell";

type Step = ReturnPartsFragment["steps"][number];

function step(name: string, state: SagaStepState, with_: Partial<Step> = {}): Step {
  const startedAt = state === "PENDING" || state === "SKIPPED" ? null : "2026-03-01T12:00:00Z";
  return {
    __typename: "ReturnStep",
    context: "",
    name,
    state,
    startedAt,
    finishedAt: null,
    attempts: 1,
    reference: null,
    ...with_,
  };
}

function aReturn(state: ReturnState, pickup: SagaStepState, restock: SagaStepState, refund: SagaStepState): ReturnPartsFragment {
  return {
    __typename: "Return",
    id: "UmV0dXJuOjE",
    lines: [],
    refund: { __typename: "Money", amount: "6.20", currencyCode: "GBP" },
    reason: null,
    state,
    steps: [
      step("pickup", pickup, { reference: pickup === "DONE" ? "C-1" : null }),
      step("restock", restock),
      step("refund", refund),
    ],
    requestedAt: "2026-03-01T12:00:00Z",
    endedAt: null,
    failure: null,
    creditNote: null,
  };
}

describe("a return", () => {
  const cases: [string, ReturnPartsFragment, string, string[]][] = [
    [
      "is under way",
      aReturn("RUNNING", "DONE", "RUNNING", "PENDING"),
      "Booking your items back in",
      ["When all is done, you get £6.20 back."],
    ],
    [
      "came about",
      aReturn("COMPLETED", "DONE", "DONE", "DONE"),
      "We returned £6.20 to your card",
      ["The carrier collects your items under the number C-1."],
    ],
    [
      "cannot be refunded, and is being undone",
      aReturn("COMPENSATING", "DONE", "COMPENSATING", "FAILED"),
      "This return can't go through",
      ["The money can't be returned to your card.", "What was arranged for it is being undone, and you keep your items."],
    ],
    [
      "could not be refunded",
      aReturn("COMPENSATED", "COMPENSATED", "COMPENSATED", "FAILED"),
      "This return did not go through",
      ["The money can't be returned to your card.", "Everything is undone, and you keep your items. You can try again."],
    ],
    [
      "could not be collected, as the carrier may have come to know of it",
      aReturn("COMPENSATED", "COMPENSATED", "SKIPPED", "SKIPPED"),
      "This return did not go through",
      ["The carrier can't collect your items.", "Everything is undone, and you keep your items. You can try again."],
    ],
    [
      "cannot be undone",
      aReturn("NEEDS_OPERATOR", "COMPENSATING", "COMPENSATED", "FAILED"),
      "This return needs one of us",
      [
        "The money can't be returned to your card.",
        "Something that was arranged for it cannot be undone by itself. We are looking into it; you need not do anything.",
      ],
    ],
  ];
  test.each(cases)("%s", (_, goods, headline, sentences) => {
    expect(tellReturn(goods)).toMatchObject({ headline, sentences });
  });
});

test("a step that is asked for again says so", () => {
  expect(tellStep(step("refund", "RUNNING", { attempts: 3 }))).toEqual({
    title: "Refund",
    says: "Billing is asking your bank, asked 3 times",
  });
  expect(tellStep(step("refund", "DONE", { attempts: 3 })).says).toBe("Money returned");
});

test("what can go back is what was bought, less what goes back already", () => {
  const goods = (state: ReturnState, sku: string, quantity: number) => ({
    __typename: "Return" as const,
    id: "",
    state,
    lines: [{ __typename: "ReturnLine" as const, sku, quantity }],
  });
  const line = { sku: "CUP", quantity: 5 };
  const cases: [number, Parameters<typeof returnable>[0]["returns"]][] = [
    [5, []],
    [5, null],
    [5, [goods("COMPLETED", "POT", 3)]],
    [5, [goods("COMPENSATED", "CUP", 3)]],
    [1, [goods("COMPLETED", "CUP", 2), goods("RUNNING", "CUP", 1), goods("NEEDS_OPERATOR", "CUP", 1)]],
    [0, [goods("COMPLETED", "CUP", 5)]],
  ];
  for (const [want, returns] of cases) {
    expect(returnable({ returns }, line)).toBe(want);
  }
});

test("what is refused stands at the line that it is about", () => {
  const asked = [{ sku: "POT" }, { sku: "CUP" }];
  const refused = refusals(
    [
      { code: "RETURN_EXCEEDS_PURCHASE", message: "…", path: ["lines", "1", "quantity"], sku: "CUP", returnable: 1 },
      { code: "OUT_OF_RANGE", message: "It must be 1 to 10,000.", path: ["lines", "0", "quantity"] },
      { code: "NOT_FULFILLED", message: "The order is not fulfilled.", path: ["orderId"] },
    ],
    asked,
  );
  expect([...refused]).toEqual([
    ["CUP", "Only 1 of it can still go back."],
    ["POT", "It must be 1 to 10,000."],
    ["", "The order is not fulfilled."],
  ]);
  expect(
    refusals([{ code: "RETURN_EXCEEDS_PURCHASE", message: "…", path: [], sku: "CUP", returnable: 0 }], asked).get("CUP"),
  ).toBe("None of it can go back any more.");
});
