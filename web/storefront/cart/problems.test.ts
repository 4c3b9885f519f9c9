import { describe, expect, test } from "vitest";

import { problems, type Refusal } from "./problems";

const asked = { lines: [{ sku: "MUG" }, { sku: "KITE" }], promotionCodes: ["TEN"] };
const nothing = { lines: [], codes: [], address: {}, card: null, others: [] };

describe("a refusal is told where it belongs", () => {
  const cases: [name: string, refusal: Refusal, found: object][] = [
    [
      "a product that is gone",
      { code: "UNKNOWN_PRODUCT", message: "…", path: ["lines", "1", "sku"] },
      { lines: [{ sku: "KITE", text: "This is not sold any more.", take: null }] },
    ],
    [
      "too few",
      { code: "OUT_OF_STOCK", message: "…", path: ["lines", "0", "quantity"], available: 3 },
      { lines: [{ sku: "MUG", text: "There are only 3 left.", take: 3 }] },
    ],
    [
      "none",
      { code: "OUT_OF_STOCK", message: "…", path: ["lines", "0", "quantity"], available: 0 },
      { lines: [{ sku: "MUG", text: "This is out of stock.", take: null }] },
    ],
    [
      "an unknown code",
      { code: "UNKNOWN_PROMOTION", message: "…", path: ["promotionCodes", "0"] },
      { codes: [{ code: "TEN", text: "This code is not good now." }] },
    ],
    [
      "an address",
      { code: "OUT_OF_RANGE", message: "Too long.", path: ["shippingAddress", "city"] },
      { address: { city: "Too long." } },
    ],
    [
      "a card",
      { code: "INVALID_PAYMENT_METHOD", message: "…", path: ["payment", "card", "token"] },
      { card: "The payment provider cannot use this card. Choose another." },
    ],
    [
      "a line that was not asked for",
      { code: "OUT_OF_STOCK", message: "Short.", path: ["lines", "7"] },
      { others: [{ code: "OUT_OF_STOCK", text: "Short." }] },
    ],
  ];
  test.each(cases)("%s", (_, refusal, found) => {
    expect(problems([refusal], asked)).toEqual({ ...nothing, ...found });
  });
});

test("without prices, a promotion code is what stands in the way", () => {
  const refusal: Refusal = { code: "PRICE_UNAVAILABLE", message: "…", path: [] };
  expect(problems([refusal], asked).others[0]?.text).toContain("Take the code off");
  expect(problems([refusal], { ...asked, promotionCodes: [] }).others[0]?.text).toContain("your cart is kept");
});
