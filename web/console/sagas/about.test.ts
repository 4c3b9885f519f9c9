import { describe, expect, test } from "vitest";

import { filterOf, sought } from "./about";
import { sagasSearch } from "./search";

describe("sought", () => {
  const cases: { typed: string; about: object | undefined }[] = [
    { typed: "", about: undefined },
    { typed: "   ", about: undefined },
    { typed: "Q-17", about: { orderNumber: "Q-17" } },
    { typed: " q-17 ", about: { orderNumber: "q-17" } },
    { typed: "ada@quadrille.test", about: { customerEmail: "ada@quadrille.test" } },
    { typed: "TOY-TRN-07", about: { sku: "TOY-TRN-07" } },
    { typed: "Q-17B", about: { sku: "Q-17B" } },
    { typed: "85123A", about: { sku: "85123A" } },
  ];
  for (const { typed, about } of cases) {
    test(JSON.stringify(typed), () => expect(sought(typed)?.about).toEqual(about));
  }
});

describe("the address", () => {
  const cases: { name: string; search: Record<string, unknown>; want: object }[] = [
    { name: "what makes no sense is left out", search: { state: "GONE", kind: 1, q: "", after: null }, want: {} },
    { name: "a SKU of digits stays a SKU", search: { q: 22423 }, want: { about: { sku: "22423" } } },
    {
      name: "all at once",
      search: { state: "STUCK", kind: "RETURN", q: "Q-1" },
      want: { state: "STUCK", kind: "RETURN", about: { orderNumber: "Q-1" } },
    },
  ];
  for (const { name, search, want } of cases) {
    test(name, () => expect(filterOf(sagasSearch(search))).toEqual(want));
  }
});
