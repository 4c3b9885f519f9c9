import { describe, expect, test } from "vitest";

import { outcome, told } from "./outcome";

const answer = (retried: number, failed: number, ...messages: string[]) => ({
  retried,
  failed: Array.from({ length: failed }, (_, at) => ({ __typename: "FailedRetry" as const, id: `${at}`, error: "no" })),
  userErrors: messages.map((message) => ({
    __typename: "InvalidInputError" as const,
    code: "NOT_FOUND" as const,
    message,
    path: [],
  })),
});

describe("outcome", () => {
  test("adds up what was answered, also if something was not", () => {
    const all = outcome(false, [answer(2, 1), null, answer(3, 0)]);
    expect(all).toMatchObject({ retried: 5, refusals: [] });
    expect(all.failed).toHaveLength(1);
  });
  test("says each refusal once", () =>
    expect(outcome(false, [answer(0, 0, "a"), answer(0, 0, "a", "b")]).refusals).toEqual(["a", "b"]));
});

describe("told", () => {
  const cases: { name: string; isDry: boolean; retried: number; failed: number; words: string }[] = [
    {
      name: "all handled",
      isDry: false,
      retried: 1,
      failed: 0,
      words: "1 message handled, or waiting only for those before it.",
    },
    { name: "some in vain", isDry: false, retried: 2, failed: 1, words: "2 messages handled, 1 message could not be handled." },
    { name: "all in vain", isDry: false, retried: 0, failed: 2, words: "2 messages could not be handled." },
    { name: "dry", isDry: true, retried: 1200, failed: 0, words: "1,200 messages would be tried again. Nothing was changed." },
    {
      name: "dry and some are gone",
      isDry: true,
      retried: 1,
      failed: 1,
      words: "1 message would be tried again, 1 message would not. Nothing was changed.",
    },
  ];
  for (const { name, isDry, retried, failed, words } of cases) {
    test(name, () => expect(told(outcome(isDry, [answer(retried, failed)]))).toBe(words));
  }
});
