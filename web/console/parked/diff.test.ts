import { describe, expect, test } from "vitest";

import { brief, diff, isSame } from "./diff";

const told = (before: string, after: string) =>
  diff(before, after).map(({ sort, text }) => `${{ same: " ", gone: "-", new: "+" }[sort]}${text}`);

describe("diff", () => {
  const cases: { name: string; before: string; after: string; want: string[] }[] = [
    { name: "nothing changed", before: "a\nb", after: "a\nb", want: [" a", " b"] },
    { name: "a line changed: what is gone first", before: "a\nb\nc", after: "a\nx\nc", want: [" a", "-b", "+x", " c"] },
    { name: "a line added at the end", before: "a", after: "a\nb", want: [" a", "+b"] },
    { name: "a line removed at the start", before: "a\nb", after: "b", want: ["-a", " b"] },
    { name: "as much as possible is the same", before: "a\nb\nc\nd", after: "b\nc\nd\na", want: ["-a", " b", " c", " d", "+a"] },
    { name: "nothing in common", before: "a", after: "b", want: ["-a", "+b"] },
  ];
  for (const { name, before, after, want } of cases) {
    test(name, () => expect(told(before, after)).toEqual(want));
  }
});

test("only what is unchanged is the same", () => {
  expect(isSame(diff("a\nb", "a\nb"))).toBe(true);
  expect(isSame(diff("a\nb", "a\nc"))).toBe(false);
});

describe("brief", () => {
  const before = ["1", "2", "3", "4", "5", "6", "7", "8", "9"];
  const told = (change: (lines: string[]) => void) => {
    const after = [...before];
    change(after);
    return brief(diff(before.join("\n"), after.join("\n"))).map((line) => (line.sort === "gap" ? `…${line.count}` : line.text));
  };
  test("keeps two lines around a change", () =>
    expect(
      told((lines) => {
        lines[4] = "x";
      }),
    ).toEqual(["…2", "3", "4", "5", "x", "6", "7", "…2"]));
  test("leaves out no single line", () =>
    expect(
      told((lines) => {
        lines[0] = "x";
        lines[6] = "y";
      }),
    ).toEqual(["1", "x", "2", "3", "4", "5", "6", "7", "y", "8", "9"]));
  test("leaves everything out of what is the same", () => expect(told(() => undefined)).toEqual(["…9"]));
});
