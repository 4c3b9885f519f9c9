import { describe, expect, test } from "vitest";

import { type Figure, layers } from "./figures";
import { likeness } from "./likeness";

describe("a product is drawn", () => {
  const cases: [name: string, category: string, figure: Figure | null][] = [
    ["Arc reading lamp", "Lighting", "arc"],
    ["WHITE HANGING HEART T-LIGHT HOLDER", "Gifts", "candle"],
    ["Deck of cards", "Toys", "deck"],
    ["Ten letterpress cards", "Paper", "card"],
    ["Paper tape", "Paper", "tape"],
    ["Enamel teapot", "Kitchen", "teapot"],
    ["Twelve cedar pencils", "Paper", "pencil"],
    ["Cast-iron skillet", "Kitchen", "pan"],
    ["Spanner", "Tools", null],
    ["Spanner", "Toys", "block"],
    ["Penthouse", "Homes", null],
    ["", "", null],
  ];
  test.each(cases)("%s of %s", (name, category, figure) => {
    expect(likeness(name, category).figure).toBe(figure);
  });
});

test("a drawing is the same whenever it is drawn", () => {
  expect(likeness("Spinning top", "Toys")).toEqual(likeness("Spinning top", "Toys"));
});

test("a colour that a name says is the colour", () => {
  expect(likeness("Sea-green stoneware mug", "Kitchen").hue).toBe(175);
  expect(likeness("Redcurrant jam", "Kitchen").hue).not.toBe(25);
});

test("products of a category that nothing is known of have the same pattern", () => {
  expect(likeness("Hammer", "Tools").seed).toBe(likeness("Spanner", "Tools").seed);
  expect(likeness("Hammer", "Tools").seed).not.toBe(likeness("Hammer", "Gifts").seed);
});

test("layers are read by their kind", () => {
  expect(layers("rug")[0]).toEqual({ text: "ao50,50,40", tone: "a", circle: [50, 50, 40] });
  expect(layers("jar")[0]).toEqual({ text: "br28,30,44,58,9", tone: "b", rect: [28, 30, 44, 58, 9] });
  expect(layers("jar")[1]?.path).toMatch(/^M28 54Q/);
});
