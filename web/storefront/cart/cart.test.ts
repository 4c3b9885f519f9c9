import { describe, expect, test } from "vitest";

import { asked, count, emptyCart, type Item, readCart, withCode, withMore, withoutCode, withQuantity } from "./cart";

const mug: Item = { id: "p1", sku: "MUG", name: "Mug", category: "Kitchen" };
const kite: Item = { id: "p2", sku: "KITE", name: "Kite", category: "Toys" };

test("more of the same is one line", () => {
  const cart = withMore(withMore(withMore(emptyCart(), mug, 1), kite, 2), mug, 3);
  expect(asked(cart).lines).toEqual([
    { sku: "MUG", quantity: 4 },
    { sku: "KITE", quantity: 2 },
  ]);
  expect(count(cart)).toBe(6);
});

test("nobody gets more of a product than an order takes", () => {
  const cart = withMore(withMore(emptyCart(), mug, 9_999), mug, 5);
  expect(count(cart)).toBe(10_000);
  expect(count(withQuantity(cart, "MUG", 20_000))).toBe(10_000);
});

test("as long as something is in it, it is the same purchase", () => {
  const cart = withMore(emptyCart(), mug, 1);
  expect(withQuantity(withMore(cart, kite, 1), "MUG", 0).id).toBe(cart.id);
});

test("with the last thing the purchase is given up, and its codes with it", () => {
  const cart = withCode(withMore(emptyCart(), mug, 1), "TEN");
  const empty = withQuantity(cart, "MUG", 0);
  expect(empty.id).not.toBe(cart.id);
  expect(empty.codes).toEqual([]);
});

test("a code counts once, however it is written", () => {
  const cart = withCode(withCode(withCode(emptyCart(), " spring-10 "), "SPRING-10"), "  ");
  expect(cart.codes).toEqual(["SPRING-10"]);
  expect(withoutCode(cart, "SPRING-10").codes).toEqual([]);
});

test("a cart survives being kept", () => {
  const cart = withCode(withMore(emptyCart(), mug, 2), "TEN");
  expect(readCart(JSON.stringify(cart))).toEqual(cart);
});

describe("a cart that makes no sense is empty", () => {
  const cases = [
    null,
    "",
    "null",
    "[]",
    "{}",
    '{"id":"1","lines":{},"codes":[]}',
    '{"id":"1","lines":[null],"codes":[]}',
    '{"lines":[],"codes":[]}',
  ];
  test.each(cases)("%s", (text) => {
    expect(readCart(text).lines).toEqual([]);
  });
});

test("of a cart, the lines that make no sense are left out", () => {
  const kept = {
    id: "1",
    codes: [],
    lines: [{ ...mug, quantity: 1 }, { ...kite, quantity: 0 }, { ...kite, quantity: 1.5 }, { sku: "X" }],
  };
  expect(asked(readCart(JSON.stringify(kept))).lines).toEqual([{ sku: "MUG", quantity: 1 }]);
});
