import { expect, test } from "vitest";

import { fill, names } from "./fill";

const input = {
  input: {
    idempotencyKey: "{{key}}",
    lines: [{ sku: "{{sku}}", quantity: 2 }],
    note: "{{ sku }} for {{who}}, not {sku}",
    promotionCodes: [],
    nothing: null,
  },
};

test("names are found wherever a text is, each once", () => {
  expect(names(input)).toEqual(["key", "sku", "who"]);
  expect(names(null)).toEqual([]);
});

test("what there is takes its places, and all else stays", () => {
  expect(fill(input, { key: "k", sku: "A-1", other: "o" })).toEqual({
    input: {
      idempotencyKey: "k",
      lines: [{ sku: "A-1", quantity: 2 }],
      note: "A-1 for {{who}}, not {sku}",
      promotionCodes: [],
      nothing: null,
    },
  });
});

test("what is filled in is not filled again", () => {
  expect(fill("{{a}}", { a: "{{b}}", b: "no" })).toBe("{{b}}");
});
