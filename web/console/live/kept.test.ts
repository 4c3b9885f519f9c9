import { expect, test } from "vitest";

import { kept } from "./kept";

type Answer = { sagas: number | null; parked: number | null };

const cases: { name: string; before: Answer | null; answer: Answer | null; whole: boolean; after: Answer | null }[] = [
  {
    name: "a whole answer replaces what was known",
    before: { sagas: 1, parked: 2 },
    answer: { sagas: 3, parked: null },
    whole: true,
    after: { sagas: 3, parked: null },
  },
  {
    name: "what an answer with gaps does not tell stays",
    before: { sagas: 1, parked: 2 },
    answer: { sagas: 3, parked: null },
    whole: false,
    after: { sagas: 3, parked: 2 },
  },
  {
    name: "no answer leaves everything",
    before: { sagas: 1, parked: 2 },
    answer: null,
    whole: false,
    after: { sagas: 1, parked: 2 },
  },
  {
    name: "a first answer with gaps is better than none",
    before: null,
    answer: { sagas: 3, parked: null },
    whole: false,
    after: { sagas: 3, parked: null },
  },
];

for (const { name, before, answer, whole, after } of cases) {
  test(name, () => expect(kept(before, answer, whole)).toEqual(after));
}
