import { expect, test } from "vitest";

import { goneOn, placeOf } from "./trail";

test("the first page stands before all, and needs no trail", () => {
  expect(placeOf({}, { category: "Toys" })).toEqual({ start: 0 });
});

test("a page that nobody came to through the list stands nowhere, and neither does the one after it", () => {
  expect(placeOf({}, { after: "c1" })).toBeNull();
  expect(goneOn({}, { after: "c1" }, 24, "c2")).toEqual({});
});

test("the second page leads back to the first, the third to the second", () => {
  const second = goneOn({}, {}, 24, "c1");
  const third = goneOn(second, { after: "c1" }, 24, "c2");
  expect(placeOf(third, { after: "c1" })).toEqual({ start: 24 });
  expect(placeOf(third, { after: "c2" })).toEqual({ start: 48, before: "c1" });
});

test("the same cursor in another list is another page", () => {
  const trail = goneOn({}, { category: "Toys" }, 24, "c1");
  expect(placeOf(trail, { category: "Toys", after: "c1" })).toEqual({ start: 24 });
  expect(placeOf(trail, { after: "c1" })).toBeNull();
  expect(placeOf(trail, { category: "Toys", q: "kite", after: "c1" })).toBeNull();
});
