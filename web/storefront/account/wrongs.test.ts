import { expect, test } from "vitest";

import { wrongs } from "./wrongs";

test("what is wrong stands at its control, the first of it", () => {
  expect(
    wrongs([
      { code: "MALFORMED", message: "No address.", path: ["email"] },
      { code: "OUT_OF_RANGE", message: "Too long.", path: ["email"] },
      { code: "OUT_OF_RANGE", message: "Too long.", path: ["address", "city"] },
    ]),
  ).toEqual({ email: "No address.", city: "Too long." });
});

test("what is about all of a form stands above it", () => {
  expect(wrongs([{ code: "NOT_FOUND", message: "There is no such customer.", path: [] }])).toEqual({
    "": "There is no such customer.",
  });
  expect(Object.keys(wrongs([{ code: "IDEMPOTENCY_CONFLICT", message: "…", path: ["idempotencyKey"] }]))).toEqual([""]);
});
