import { expect, test } from "vitest";

import { within } from "./back";

test.each([
  ["/checkout?step=review", "/checkout?step=review"],
  [undefined, "/"],
  ["", "/"],
  ["//evil.example", "/"],
  ["/\\evil.example", "/"],
  ["https://evil.example", "/"],
  ["javascript:alert(1)", "/"],
])("after signing in, %s leads to %s", (back, to) => {
  expect(within(back)).toBe(to);
});
