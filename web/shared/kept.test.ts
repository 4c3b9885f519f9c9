import { beforeEach, expect, test, vi } from "vitest";

import { kept } from "./kept";

let texts: Map<string, string>;
let page: EventTarget;

beforeEach(() => {
  texts = new Map();
  page = new EventTarget();
  vi.stubGlobal("window", page);
  vi.stubGlobal("localStorage", {
    getItem: (key: string) => texts.get(key) ?? null,
    setItem: (key: string, text: string) => texts.set(key, text),
    removeItem: (key: string) => texts.delete(key),
  });
});

const numbers = () => kept<number[]>("numbers", (text) => JSON.parse(text ?? "[]"));

/** Another tab's doing. */
function elsewhere(key: string | null) {
  page.dispatchEvent(Object.assign(new Event("storage"), { key }));
}

test("what is kept is there on the next page", () => {
  numbers().keep([1, 2]);
  expect(numbers().now()).toEqual([1, 2]);
  numbers().keep(null);
  expect(numbers().now()).toEqual([]);
});

test("it is the same value until it changes, also in another tab", () => {
  const { now } = numbers();
  texts.set("numbers", "[1]");
  const before = now();
  expect(now()).toBe(before);
  texts.set("numbers", "[2]");
  expect(now()).toEqual([2]);
});

test("who listens hears of changes here and in other tabs, and of no other values", () => {
  const { keep, listen } = numbers();
  const tell = vi.fn();
  const end = listen(tell);
  keep([1]);
  elsewhere("numbers");
  elsewhere(null); // all is gone
  expect(tell).toHaveBeenCalledTimes(3);
  elsewhere("letters");
  end();
  keep([2]);
  elsewhere("numbers");
  expect(tell).toHaveBeenCalledTimes(3);
});
