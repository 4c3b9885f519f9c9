import { expect, test } from "vitest";

import { about } from "./watched";

const input = { orderId: "o" };
test.each([
  ["an order placed", { input: {} }, { placeOrder: { order: { id: "1" } } }, { kind: "order", id: "1" }],
  ["an order refused", { input: {} }, { placeOrder: { order: null } }, null],
  ["an order asked for", { id: "x" }, { order: { id: "2" } }, { kind: "order", id: "2" }],
  ["an order that is not there", { id: "x" }, { order: null }, null],
  ["an order watched", { id: "x" }, { orderChanged: { sequence: 1, order: { id: "3" } } }, { kind: "order", id: "3" }],
  ["an order cancelled", { input }, { cancelOrder: { order: { id: "4" } } }, { kind: "order", id: "o" }],
  ["a return", { input }, { requestReturn: { return: { id: "5" } } }, { kind: "return", id: "5" }],
  ["a return refused", { input }, { requestReturn: { return: null } }, null],
  ["anything else", { first: 1 }, { products: { edges: [] } }, null],
  ["no answer", { id: "x" }, null, null],
])("%s", (_, variables, data, want) => {
  expect(about({ variables, data })).toEqual(want);
});
