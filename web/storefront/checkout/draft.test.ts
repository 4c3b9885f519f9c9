import { describe, expect, test } from "vitest";

import { type Draft, reachable, type Step } from "./draft";

const address = { name: "Ada", street: "1 Row", city: "London", postalCode: "N1", countryCode: "GB" };

describe("nobody comes to a step before those that lead to it", () => {
  const cases: [wanted: Step | undefined, draft: Draft, shown: Step][] = [
    [undefined, {}, "address"],
    ["review", {}, "address"],
    ["payment", {}, "address"],
    ["review", { address }, "payment"],
    ["review", { card: "pm_card_visa" }, "address"],
    ["review", { address, card: "pm_card_visa" }, "review"],
    ["address", { address, card: "pm_card_visa" }, "address"],
    [undefined, { address, card: "pm_card_visa" }, "review"],
    [undefined, { address }, "payment"],
  ];
  test.each(cases)("%s with %o", (wanted, draft, shown) => {
    expect(reachable(wanted, draft)).toBe(shown);
  });
});
