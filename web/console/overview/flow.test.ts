import { describe, expect, test } from "vitest";

import { keptMs, lastMinute, line, sampled } from "./flow";

describe("lastMinute", () => {
  test("sums what is counted", () => expect(lastMinute([{ lastMinute: 3 }, { lastMinute: null }, { lastMinute: 4 }])).toBe(7));
  test("is not none when nobody knows", () => expect(lastMinute([{ lastMinute: null }])).toBeNull());
});

describe("sampled", () => {
  test("forgets what is too old", () =>
    expect(sampled([{ at: 0, perSecond: 1 }], { at: keptMs, perSecond: 2 })).toEqual([{ at: keptMs, perSecond: 2 }]));
  test("takes a moment once", () =>
    expect(sampled([{ at: 5, perSecond: 1 }], { at: 5, perSecond: 2 })).toEqual([{ at: 5, perSecond: 2 }]));
});

describe("line", () => {
  test("ends at the right, and is highest where most flowed", () =>
    expect(
      line(
        [
          { at: 0, perSecond: 2 },
          { at: 60_000, perSecond: 1 },
        ],
        100,
        10,
      ),
    ).toBe("0,0 100,5"));
  test("does not stretch what is shorter than a minute", () =>
    expect(
      line(
        [
          { at: 0, perSecond: 1 },
          { at: 6_000, perSecond: 1 },
        ],
        100,
        10,
      ),
    ).toBe("90,0 100,0"));
  test("runs along the bottom without any flow", () => expect(line([{ at: 0, perSecond: 0 }], 100, 10)).toBe("100,10"));
  test("is nothing of nothing", () => expect(line([], 100, 10)).toBe(""));
});
