import { describe, expect, test } from "vitest";

import type { Arrow, Sort } from "./arrows";
import { drawn, height, nodes, width } from "./layout";

const names = ["a", "b", "c", "d", "e", "f", "g"];
const arrow = (from: string, to: string, sort: Sort = "fact"): Arrow => ({ from, to, sort, types: [], lastMinute: null });
const numbers = (path: string) => path.match(/-?\d+(\.\d+)?/g)?.map(Number) ?? [];

describe("nodes", () => {
  test("are within the drawing, and begin at its top", () => {
    const placed = nodes(names);
    expect(placed[0]).toMatchObject({ name: "a", x: width / 2 });
    for (const { x, y } of placed) {
      expect(x).toBeGreaterThanOrEqual(66);
      expect(x).toBeLessThanOrEqual(width - 66);
      expect(y).toBeGreaterThanOrEqual(22);
      expect(y).toBeLessThanOrEqual(height - 22);
    }
  });
  test("do not cover each other", () => {
    const placed = nodes(names);
    for (const one of placed) {
      for (const other of placed) {
        const apart = Math.abs(one.x - other.x) >= 132 || Math.abs(one.y - other.y) >= 44;
        expect(one === other || apart, `${one.name} and ${other.name}`).toBe(true);
      }
    }
  });
});

describe("drawn", () => {
  const placed = nodes(names);
  test("every arrow has a way of its own", () => {
    const all = names.flatMap((from) =>
      names
        .filter((to) => to !== from)
        .flatMap((to) => (["fact", "undo", "command"] as const).map((sort) => arrow(from, to, sort))),
    );
    expect(new Set(drawn(all, placed).map(({ path }) => path)).size).toBe(all.length);
    expect(new Set(drawn(all, placed).map(({ label }) => `${label.x} ${label.y}`)).size).toBe(all.length);
  });
  test("a way begins and ends at the edges of its nodes", () => {
    const [{ path } = { path: "" }] = drawn([arrow("b", "f")], placed);
    const [x1 = 0, y1 = 0, , , x2 = 0, y2 = 0] = numbers(path);
    for (const [name, x, y] of [
      ["b", x1, y1],
      ["f", x2, y2],
    ] as const) {
      const node = placed.find((node) => node.name === name);
      const [dx, dy] = [Math.abs(x - (node?.x ?? 0)), Math.abs(y - (node?.y ?? 0))];
      expect(dx <= 69.1 && dy <= 25.1 && (dx >= 68.9 || dy >= 24.9), name).toBe(true);
    }
  });
  test("two that talk to each other do not talk over each other", () => {
    const [there, back] = drawn([arrow("a", "c"), arrow("c", "a")], placed);
    expect(
      Math.hypot((there?.label.x ?? 0) - (back?.label.x ?? 0), (there?.label.y ?? 0) - (back?.label.y ?? 0)),
    ).toBeGreaterThan(20);
  });
  test("what goes nowhere is not drawn", () => expect(drawn([arrow("a", "a"), arrow("a", "gone")], placed)).toEqual([]));
});
