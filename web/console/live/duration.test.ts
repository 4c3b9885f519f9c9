import { expect, test } from "vitest";

import { duration } from "./duration";

const cases: [number, string][] = [
  [0, "0 s"],
  [-3, "0 s"],
  [0.24, "0.2 s"],
  [9.96, "10 s"],
  [59.4, "59 s"],
  [59.6, "1 min"],
  [125, "2 min 5 s"],
  [3600, "1 h"],
  [3661, "1 h 1 min"],
  [90_000, "1 d 1 h"],
  [86_460, "1 d"],
];

for (const [seconds, words] of cases) {
  test(`${seconds} seconds are ${words}`, () => expect(duration(seconds)).toBe(words));
}
