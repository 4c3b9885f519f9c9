import { describe, expect, test } from "vitest";

import { formatted, problem } from "./json";

describe("formatted", () => {
  const cases: { name: string; json: string; want: string }[] = [
    { name: "a value a line", json: '{"a":1,"b":[true,null]}', want: '{\n  "a": 1,\n  "b": [\n    true,\n    null\n  ]\n}' },
    { name: "what is empty stays on its line", json: '{ "a": { }, "b": [ ] }', want: '{\n  "a": {},\n  "b": []\n}' },
    { name: "numbers keep their digits", json: '{"n":12345678901234567890.10}', want: '{\n  "n": 12345678901234567890.10\n}' },
    { name: "texts stay as they are", json: '{"t":"a, {b}: \\"c\\" \\u00e9"}', want: '{\n  "t": "a, {b}: \\"c\\" \\u00e9"\n}' },
    { name: "a single value", json: " 7 ", want: "7" },
    { name: "no JSON", json: "{a", want: "{a" },
  ];
  for (const { name, json, want } of cases) {
    test(name, () => expect(formatted(json)).toBe(want));
  }
  test("says the same as before", () => {
    const json = JSON.stringify({ lines: [{ sku: "A", quantity: 2 }, {}], note: "x\ny", nested: [[[]]] });
    expect(JSON.parse(formatted(json))).toEqual(JSON.parse(json));
    expect(formatted(json)).toBe(JSON.stringify(JSON.parse(json), null, 2));
  });
});

test("what is no JSON has a problem", () => {
  expect(problem('{"a": 1}')).toBeNull();
  expect(problem('{"a": }')).not.toBeNull();
  expect(problem("")).not.toBeNull();
});
