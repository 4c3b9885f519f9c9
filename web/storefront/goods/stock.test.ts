import { describe, expect, test } from "vitest";

import { type Availability, isGone, stock } from "./stock";

const now = Date.parse("2026-05-01T12:00:00Z");
const some: Availability = { available: 40, status: "IN_STOCK", stale: false, asOf: "2026-05-01T11:57:00Z" };
const few: Availability = { ...some, available: 3, status: "LOW_STOCK" };
const none: Availability = { ...some, available: 0, status: "OUT_OF_STOCK" };

describe("stock is told in words", () => {
  const cases: [name: string, availability: Availability | null, away: boolean, text: string, gone: boolean][] = [
    ["plenty", some, false, "In stock", false],
    ["few", few, false, "Only 3 left", false],
    ["none", none, false, "Out of stock", true],
    ["never stocked", null, false, "Out of stock", true],
    ["nothing known while inventory is away", null, true, "Stock unknown: confirmed after ordering", false],
    ["plenty, last heard", { ...some, stale: true }, true, "In stock 3 minutes ago: confirmed after ordering", false],
    ["few, last heard", { ...few, stale: true }, true, "3 left 3 minutes ago: confirmed after ordering", false],
    ["none, last heard", { ...none, stale: true }, true, "Out of stock 3 minutes ago: confirmed after ordering", false],
  ];
  test.each(cases)("%s", (_, availability, away, text, gone) => {
    expect(stock(availability, away, now).text).toBe(text);
    expect(isGone(availability, away)).toBe(gone);
  });
});
