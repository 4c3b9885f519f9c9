import { describe, expect, test } from "vitest";

import type { OrderQuery, WatchOrderSubscription } from "../gql/graphql";
import { asked, begun, misses, nothing, told } from "./known";
import { anOrder, aSaga, facts, payment } from "./order.fixture";

const four = facts(
  "ordering.order.placed",
  "inventory.stock.reserved",
  "billing.payment.captured",
  "fulfillment.shipment.arranged",
);

function answer(many: number | null, order = anOrder()): OrderQuery {
  const timeline = many === null ? null : { __typename: "FactConnection" as const, nodes: four.slice(0, many) };
  return { __typename: "Query", order, saga: timeline && { ...aSaga("RUNNING", ["DONE"]), timeline } };
}

function change(sequence: number, order = anOrder()): WatchOrderSubscription["orderChanged"] {
  const fact = four[sequence - 1];
  return {
    __typename: "OrderChange",
    sequence,
    fact: fact ?? null,
    order: { ...order, saga: aSaga("RUNNING", ["DONE", "DONE"]) },
  };
}

describe("facts", () => {
  test("go on where they were asked for", () => {
    const known = [3, 4].reduce((known, sequence) => told(known, change(sequence), []), asked(nothing, answer(2), []));
    expect(known.facts).toEqual(four);
  });

  test("that were told before are not told again", () => {
    const known = asked(nothing, answer(3), []);
    expect(told(known, change(2), [])).toBe(known);
    expect(told(known, change(3), [])).toBe(known);
  });

  test("that are missing are noticed", () => {
    const known = asked(nothing, answer(2), []);
    expect([2, 3, 4].map((sequence) => misses(known, sequence))).toEqual([false, false, true]);
  });

  test("of a late answer change nothing", () => {
    const known = told(asked(nothing, answer(3), []), change(4, anOrder(payment("CAPTURED"))), []);
    const later = asked(known, answer(2, anOrder(payment("PENDING"))), []);
    expect(later.facts).toEqual(four);
    expect(later.order?.payment?.status).toBe("CAPTURED");
    expect(later.saga).toEqual(known.saga);
  });

  test("that are asked for again fill what was not told", () => {
    expect(asked(asked(nothing, answer(2), []), answer(4), []).facts).toEqual(four);
  });
});

describe("a part whose context is away", () => {
  const before = asked(nothing, answer(2, anOrder(payment("CAPTURED"))), []);

  test("stays as it was", () => {
    for (const known of [asked(before, answer(2), ["billing"]), told(before, change(3), ["billing"])]) {
      expect(known.order?.payment?.status).toBe("CAPTURED");
      expect(known.away).toEqual(["billing"]);
    }
  });

  test("is the whole order", () => {
    const known = asked(before, { __typename: "Query", order: null, saga: null }, ["chronicle", "ordering"]);
    expect(known).toEqual({ ...before, away: ["chronicle", "ordering"] });
  });

  test("is the history", () => {
    expect(asked(before, answer(null), ["chronicle"]).facts).toEqual(before.facts);
  });

  test("is named until it answers again", () => {
    expect(asked(asked(before, answer(2), ["billing"]), answer(2, anOrder(payment("REFUNDED"))), [])).toMatchObject({
      away: [],
      order: { payment: { status: "REFUNDED" } },
    });
  });

  test("is the catalog, which has told the names", () => {
    const nameless = anOrder({ lines: anOrder().lines.map((line) => ({ ...line, product: null })) });
    expect(asked(before, answer(2, nameless), ["catalog"]).order?.lines[0]?.product?.name).toBe("Tall cup");
  });
});

test("what ordering alone has said gives way to what all have", () => {
  const { lines, ...core } = anOrder();
  const first = begun(nothing, { ...core, lines: lines.map(({ product: _, ...line }) => line) });
  expect(first).toMatchObject({ whole: false, order: { number: "Q-00000007", lines: [{ sku: "CUP", product: null }] } });
  const whole = asked(first, answer(2), []);
  expect(whole).toMatchObject({ whole: true, order: { lines: [{ product: { name: "Tall cup" } }] } });
  expect(begun(whole, { ...core, lines: [] })).toBe(whole);
});
