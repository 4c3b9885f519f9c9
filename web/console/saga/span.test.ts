import { describe, expect, test } from "vitest";

import { offset, span } from "./span";

describe("how long", () => {
  const cases: { ms: number; span: string; offset: string }[] = [
    { ms: -5, span: "0 ms", offset: "+0 ms" },
    { ms: 7.4, span: "7 ms", offset: "+7 ms" },
    { ms: 999, span: "999 ms", offset: "+999 ms" },
    { ms: 999.7, span: "1.0 s", offset: "+1.00 s" },
    { ms: 59_990, span: "1 min", offset: "+59.99 s" },
    { ms: 192_000, span: "3 min 12 s", offset: "+3:12" },
    { ms: 7_510_000, span: "2 h 5 min", offset: "+2:05:10" },
    { ms: 3_600_000, span: "1 h", offset: "+1:00:00" },
    { ms: 90_061_000, span: "1 d 1 h", offset: "+1 d 1:01:01" },
  ];
  for (const { ms, ...want } of cases) {
    test(`${ms} ms`, () => expect({ span: span(ms), offset: offset(ms) }).toEqual(want));
  }
});
