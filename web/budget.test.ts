import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";

import { type Chunk, load, strangers } from "./budget";

// Random text does not shrink much, so that more of it weighs more.
const chunk = (length: number, imports: string[], moduleIds: string[] = []): Chunk => ({
  code: randomBytes(length).toString("base64"),
  imports,
  moduleIds,
});

const chunks = new Map([
  ["shop", chunk(100, ["react", "shared"], ["/web/storefront/main.tsx"])],
  ["react", chunk(10_000, [], ["/node_modules/react/index.js"])],
  ["shared", chunk(1000, ["react", "deep"], ["/web/shared/ui.tsx"])],
  ["deep", chunk(5000, ["shared"], ["/web/console/sagas/Sagas.tsx"])],
  ["console", chunk(20_000, ["react"], ["/web/console/main.tsx"])],
]);

test("a chunk is loaded with all that it imports, also through others, once", () => {
  expect(load(chunks, "shop").map(([name]) => name)).toEqual(["react", "deep", "shared", "shop"]);
  expect(load(chunks, "console").map(([name]) => name)).toEqual(["console", "react"]);
});

test("a chunk weighs what travels", () => {
  const [[, bytes] = ["", 0]] = load(new Map([["zeros", { code: "0".repeat(100_000), imports: [], moduleIds: [] }]]), "zeros");
  expect(bytes).toBeGreaterThan(20);
  expect(bytes).toBeLessThan(500);
});

test("what belongs to another app is found in whatever is loaded", () => {
  expect(strangers(chunks, "shop", /\/console\//)).toEqual(["/web/console/sagas/Sagas.tsx"]);
  expect(strangers(chunks, "react", /\/console\//)).toEqual([]);
});
