import { describe, expect, test } from "vitest";

import { matches, pressed, type Sortable, sorted } from "./sort";

describe("sorted", () => {
  const cases: { name: string; rows: Sortable[]; down: boolean; want: Sortable[] }[] = [
    { name: "numbers by size", rows: [10, 9, 100], down: false, want: [9, 10, 100] },
    { name: "numbers within words by size", rows: ["Q-10", "Q-9"], down: false, want: ["Q-9", "Q-10"] },
    { name: "words in any case", rows: ["b", "A", "C"], down: false, want: ["A", "b", "C"] },
    { name: "down", rows: [1, 3, 2], down: true, want: [3, 2, 1] },
    { name: "what is not known last", rows: [null, 1, 2], down: false, want: [1, 2, null] },
    { name: "what is not known last, also down", rows: [null, 1, 2], down: true, want: [2, 1, null] },
  ];
  for (const { name, rows, down, want } of cases) {
    test(name, () => expect(sorted(rows, (row) => row, down)).toEqual(want));
  }
  test("equal rows stay in order, also down", () => {
    const rows = ["a1", "b1", "a2", "b2"];
    expect(sorted(rows, (row) => row[0] ?? "", true)).toEqual(["b1", "b2", "a1", "a2"]);
  });
});

test("a column is pressed up, down and back to the given order", () => {
  const up = pressed(null, "name");
  expect(up).toEqual({ column: "name", down: false });
  const down = pressed(up, "name");
  expect(down).toEqual({ column: "name", down: true });
  expect(pressed(down, "name")).toBeNull();
  expect(pressed(down, "other")).toEqual({ column: "other", down: false });
});

describe("matches", () => {
  const texts = ["billing", "payment.captured", null];
  const cases: [string, boolean][] = [
    ["", true],
    ["BILL", true],
    ["captured bill", true],
    ["captured void", false],
    [" payment ", true],
  ];
  for (const [typed, want] of cases) {
    test(JSON.stringify(typed), () => expect(matches(typed, texts)).toBe(want));
  }
});
