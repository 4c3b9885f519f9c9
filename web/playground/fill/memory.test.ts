import { expect, test } from "vitest";

import { learn, type Memory, nothing } from "./memory";

const product = (sku: string, available: number | null) => ({
  node: { sku, availability: available === null ? null : { available } },
});
const known: Memory = { sku: "A", order: { id: "1", number: "Q-1", sku: "A", by: "ada" } };

test("of products the first is remembered of which there is some", () => {
  const data = { products: { edges: [product("OUT", 0), product("UNKNOWN", null), product("SOME", 38), product("MORE", 90)] } };
  expect(learn(nothing, { variables: { first: 4 }, data, by: null })).toEqual({ sku: "SOME", order: null });
});

test("of products of which there is none nothing is remembered", () => {
  expect(learn(known, { variables: {}, data: { products: { edges: [product("OUT", 0)] } }, by: null })).toBe(known);
});

test("an order is remembered with what it is of and whose it is", () => {
  const run = {
    variables: { input: { lines: [{ sku: "B", quantity: 2 }] } },
    data: { placeOrder: { order: { id: "2", number: "Q-2" }, userErrors: [] } },
  };
  expect(learn(known, { ...run, by: "grace" })).toEqual({ sku: "A", order: { id: "2", number: "Q-2", sku: "B", by: "grace" } });
});

test("what was refused, failed or is of another shape is not remembered", () => {
  const variables = { input: { lines: [{ sku: "B", quantity: 2 }] } };
  for (const data of [
    { placeOrder: { order: null, userErrors: [{}] } },
    null,
    undefined,
    { placeOrder: 1 },
    { products: { edges: "x" } },
    { products: null },
  ]) {
    expect(learn(known, { variables, data, by: "ada" })).toBe(known);
  }
});
