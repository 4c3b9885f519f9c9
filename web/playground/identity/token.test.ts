import { expect, test } from "vitest";

import { claims } from "./token";

const token = (payload: string) =>
  `Bearer eyJ9.${btoa(payload).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "")}.sig_-1`;

test.each([
  ["a customer", token('{"sub":"ada","roles":["CUSTOMER"]}'), { sub: "ada", operator: false }],
  ["an operator", token('{"sub":"olga","roles":["CUSTOMER","OPERATOR"]}'), { sub: "olga", operator: true }],
  ["characters of base64url", token('{"sub":"a?>~~~"}'), { sub: "a?>~~~", operator: false }],
  ["nobody", undefined, null],
  ["no subject", token("{}"), null],
  ["no JSON", token("what"), null],
  ["another scheme", "Basic YWRhOng=", null],
  ["a place that is not filled", "Bearer {{token}}", null],
])("%s", (_, authorization, want) => {
  expect(claims(authorization)).toEqual(want);
});
