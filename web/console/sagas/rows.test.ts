import { describe, expect, test } from "vitest";

import { begun, type Change, hear, type Row, updated } from "./rows";

// Fractions of a second come without zeros at their end: as texts such times are in another order.
const at = (second: number) => `2026-01-01T00:00:00${second === 0 ? "" : `.${second}`}Z`;

const row = (id: string, second: number, state: Row["state"] = "RUNNING"): Row => ({
  __typename: "Saga",
  id,
  kind: "ORDER",
  state,
  waitingFor: [],
  deadline: null,
  nextAction: null,
  startedAt: at(second),
  lastFactAt: at(second),
  steps: [],
  subject: { __typename: "Order", id: `order of ${id}`, number: `Q-${id}` },
});

const change = (id: string, second: number, state: Row["state"], lastSecond = second): Change => {
  const { subject, ...rest } = row(id, second, state);
  return { ...rest, lastFactAt: at(lastSecond), sequence: lastSecond };
};

describe("hear", () => {
  test("keeps the last of each saga", () => {
    const heard = hear(new Map(), [change("1", 1, "RUNNING"), change("1", 1, "COMPLETED", 2)]);
    expect([...heard.values()].map(({ state }) => state)).toEqual(["COMPLETED"]);
  });
  test("is not misled by what arrives late", () => {
    const heard = hear(new Map(), [change("1", 1, "COMPLETED", 2), change("1", 1, "RUNNING")]);
    expect(heard.get("1")?.state).toBe("COMPLETED");
  });
});

describe("updated", () => {
  test("rows stay where they are, and keep what a change does not tell", () => {
    const rows = updated([row("2", 2), row("1", 1)], hear(new Map(), [change("1", 1, "COMPLETED", 5)]));
    expect(rows.map(({ id, state }) => `${id} ${state}`)).toEqual(["2 RUNNING", "1 COMPLETED"]);
    expect(rows[1]?.subject).toEqual(row("1", 1).subject);
  });
  test("a row that was asked for later than a change is not set back", () => {
    const rows = updated([row("1", 5, "COMPLETED")], hear(new Map(), [change("1", 1, "RUNNING")]));
    expect(rows[0]?.state).toBe("COMPLETED");
  });
});

describe("begun", () => {
  const all = () => true;
  test("counts what began after the newest row", () =>
    expect(begun([row("1", 1)], hear(new Map(), [change("2", 2, "RUNNING")]), all)).toBe(1));
  test("also within the same second", () =>
    expect(begun([row("1", 0)], hear(new Map(), [change("2", 2, "RUNNING")]), all)).toBe(1));
  test("not what is listed", () => expect(begun([row("1", 1)], hear(new Map(), [change("1", 1, "COMPLETED", 5)]), all)).toBe(0));
  test("not older sagas, which are on later pages", () =>
    expect(begun([row("5", 5)], hear(new Map(), [change("1", 1, "COMPLETED", 8)]), all)).toBe(0));
  test("not what is not looked for", () =>
    expect(begun([], hear(new Map(), [change("2", 2, "RUNNING")]), ({ state }) => state === "STUCK")).toBe(0));
});
