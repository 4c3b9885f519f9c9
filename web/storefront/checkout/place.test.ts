import { CombinedError } from "urql";
import { describe, expect, test } from "vitest";

import type { PlaceOrderInput } from "../gql/graphql";
import { type Answer, outcome, place, type Sent, type Wanted } from "./place";

const offline: Answer = { error: new CombinedError({ networkError: new Error("lost") }) };
const failed = (code: string): Answer => ({
  data: null,
  error: new CombinedError({ graphQLErrors: [{ message: "…", extensions: { code, context: "ordering" } }] }),
});
const placed = (id: string): Answer => ({ data: { placeOrder: { order: { id }, userErrors: [] } } });
const refused = (code: "OUT_OF_STOCK" | "IDEMPOTENCY_CONFLICT"): Answer => ({
  data: { placeOrder: { order: null, userErrors: [{ code, message: "…", path: [] }] } },
});

describe("what became of an order", () => {
  const cases: [name: string, answer: Answer, kind: string][] = [
    ["an order", placed("1"), "placed"],
    ["a refusal", refused("OUT_OF_STOCK"), "refused"],
    ["another order under the key", refused("IDEMPOTENCY_CONFLICT"), "other"],
    ["a lost connection", offline, "unknown"],
    ["ordering that does not answer", failed("CONTEXT_UNAVAILABLE"), "unknown"],
    ["an internal error", failed("INTERNAL"), "unknown"],
    ["an expired token", failed("UNAUTHENTICATED"), "not now"],
    ["too many at once", failed("RATE_LIMITED"), "not now"],
    ["nothing at all", {}, "unknown"],
  ];
  test.each(cases)("%s", (_, answer, kind) => {
    expect(outcome(answer).kind).toBe(kind);
  });
});

const mug: Wanted = {
  lines: [{ sku: "MUG", quantity: 1 }],
  promotionCodes: [],
  payment: { card: { token: "pm_card_visa" } },
  refuseIfOutOfStock: true,
  shippingAddress: { name: "Ada", street: "1 Row", city: "London", postalCode: "N1", countryCode: "GB" },
};
const two: Wanted = { ...mug, lines: [{ sku: "MUG", quantity: 2 }] };

/** A gateway that answers like this, one after the other, and what it was asked. */
function gateway(...answers: Answer[]) {
  const asked: PlaceOrderInput[] = [];
  return {
    asked,
    send: async (input: PlaceOrderInput) => {
      asked.push(input);
      return answers.shift() ?? offline;
    },
  };
}

function memory(wanted: Wanted | null = null): Sent {
  return {
    read: () => wanted,
    keep: (next) => {
      wanted = next;
    },
  };
}

test("an order whose answer was lost is sent again as it was, under the same key", async () => {
  const { send, asked } = gateway(offline, placed("1"));
  const sent = memory();
  expect(await place(send, "key", mug, sent)).toEqual({ kind: "unknown" });
  expect(sent.read()).toEqual(mug);
  expect(await place(send, "key", mug, sent)).toEqual({ kind: "placed", id: "1" });
  expect(asked).toEqual([
    { ...mug, idempotencyKey: "key" },
    { ...mug, idempotencyKey: "key" },
  ]);
  expect(sent.read()).toBeNull();
});

test("an order changed after its answer was lost is not a second order", async () => {
  const { send, asked } = gateway(offline, refused("IDEMPOTENCY_CONFLICT"), placed("1"));
  const sent = memory();
  await place(send, "key", mug, sent);
  expect(await place(send, "key", two, sent)).toEqual({ kind: "placed", id: "1" });
  expect(asked[2]).toEqual({ ...mug, idempotencyKey: "key" });
});

test("an order changed after the first never arrived is the order", async () => {
  const { send } = gateway(offline, placed("2"));
  const sent = memory();
  await place(send, "key", mug, sent);
  expect(await place(send, "key", two, sent)).toEqual({ kind: "placed", id: "2" });
});

test("what was sent first is not forgotten while its outcome is not known", async () => {
  const { send } = gateway(offline, refused("OUT_OF_STOCK"), failed("RATE_LIMITED"), offline);
  const sent = memory();
  for (const wanted of [mug, two, two, two]) {
    await place(send, "key", wanted, sent);
    expect(sent.read()).toEqual(mug);
  }
});

test("of a refused order nothing is remembered", async () => {
  const sent = memory();
  await place(gateway(refused("OUT_OF_STOCK")).send, "key", mug, sent);
  expect(sent.read()).toBeNull();
});

test("an order from a cart that another tab has ordered is not placed again", async () => {
  const { send, asked } = gateway(refused("IDEMPOTENCY_CONFLICT"));
  expect(await place(send, "key", mug, memory())).toEqual({ kind: "other" });
  expect(asked).toHaveLength(1);
});
