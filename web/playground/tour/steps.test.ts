import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { buildASTSchema, concatAST, parse, validate } from "graphql";
import { expect, test } from "vitest";

import { names } from "../fill/fill";
import { operation, stepOf, steps } from "./steps";

const directory = join(import.meta.dirname, "../../../schema/graphql");
const schema = buildASTSchema(
  concatAST(
    readdirSync(directory)
      .filter((name) => name.endsWith(".graphqls"))
      .map((name) => parse(readFileSync(join(directory, name), "utf8"))),
  ),
);

test.each(steps)("$title is an operation of the schema", ({ query }) => {
  const document = parse(query);
  expect(validate(schema, document)).toEqual([]);
  expect(document.definitions).toHaveLength(1);
});

test.each(steps)("$title asks only for what is filled in", ({ variables }) => {
  const known = ["key", "sku", "order", "freshOrder", "fulfilledOrder", "fulfilledSku"];
  expect(names(variables).filter((name) => !known.includes(name))).toEqual([]);
});

test("a tab is known by its first line", () => {
  expect(steps.map(({ query }) => stepOf(query))).toEqual(steps.map((_, index) => index));
  expect(stepOf(`${steps[3]?.query}# and something of one's own`)).toBe(3);
  expect(stepOf("query Q { viewer { id } }")).toBe(-1);
  expect(stepOf("# 3.")).toBe(-1);
  expect(stepOf("")).toBe(-1);
  expect(stepOf(null)).toBe(-1);
});

test("an operation that is not there is noticed", () => {
  expect(() => operation("Place")).toThrow("Place");
});
