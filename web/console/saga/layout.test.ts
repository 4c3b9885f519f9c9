import { describe, expect, test } from "vitest";

import { begin, fact, handled } from "./facts.testing";
import { type Around, layout, square } from "./layout";
import { type Delivery, type Fact, story } from "./story";

const nothing: Around = { lanes: [], lines: [], busy: [] };
const laid = (facts: Fact[], around: Partial<Around> = {}) => layout(story(facts, new Set()), { ...nothing, ...around });

const placed = (deliveries: Delivery[]) => fact("ordering.order.placed", 0, { sequence: 1, deliveries });
const reserved = (ms: number) => fact("inventory.stock.reserved", ms, { sequence: 2, causationId: "ordering.order.placed" });

describe("lanes", () => {
  const cases: { name: string; facts: Fact[]; lanes: string[]; want: string[] }[] = [
    {
      name: "who begins comes first, then the process has its order",
      facts: [placed([])],
      lanes: ["fulfillment", "inventory", "fulfillment"],
      want: ["ordering", "fulfillment", "inventory"],
    },
    { name: "who only listens has one too", facts: [placed([handled("billing", 5)])], lanes: [], want: ["ordering", "billing"] },
    {
      name: "chronicle has none",
      facts: [placed([handled("chronicle", 5)]), fact("chronicle.saga.stuck", 9, { sequence: 2 })],
      lanes: [],
      want: ["ordering"],
    },
  ];
  for (const { name, facts, lanes, want } of cases) {
    test(name, () => expect(laid(facts, { lanes }).lanes).toEqual(want));
  }
  test("what chronicle says stands across all", () => {
    expect(laid([placed([]), fact("chronicle.saga.stuck", 9, { sequence: 2 })]).rows.map(({ lane }) => lane)).toEqual([0, null]);
  });
});

describe("time", () => {
  const at = (...moments: number[]) => moments.map((ms, i) => fact(`a.b.c${i}`, ms, { sequence: i + 1 }));
  const gaps = (moments: number[]) => {
    const { rows } = laid(at(...moments));
    return rows.slice(1).map(({ y }, i) => (y - (rows[i]?.y ?? 0)) / square);
  };
  const cases: { name: string; moments: number[]; want: number[] }[] = [
    { name: "is to scale", moments: [0, 20, 40, 70], want: [2, 2, 3] },
    { name: "spreads what is too close to be read", moments: [0, 0, 1, 41, 81], want: [2, 2, 2, 2] },
    { name: "is cut where nothing happens for long", moments: [0, 20, 40, 5040], want: [2, 2, 4] },
  ];
  for (const { name, moments, want } of cases) {
    test(name, () => expect(gaps(moments)).toEqual(want));
  }
  test("a cut says how long it is, and lies between", () => {
    const { cuts, rows } = laid(at(0, 20, 40, 5040));
    expect(cuts.map(({ ms }) => ms)).toEqual([5000]);
    expect(cuts[0]?.y).toBeGreaterThan(rows[2]?.y ?? 0);
    expect(cuts[0]?.y).toBeLessThan(rows[3]?.y ?? 0);
  });
  test("a hundred messages stay apart, whatever came in between", () => {
    const facts = Array.from({ length: 120 }, (_, i) =>
      fact(`a.b.c${i}`, i % 7 === 0 ? i : i * 13, { sequence: i + 1, deliveries: [handled("b", i * 13 + 500), handled("c", i)] }),
    );
    const ys = laid(facts).rows.map(({ y }) => y);
    expect(ys.slice(1).every((y, i) => y - (ys[i] ?? 0) >= 2 * square)).toBe(true);
  });
  test("no message is a page too", () => expect(laid([]).rows).toEqual([]));
});

describe("arrows", () => {
  const to = (delivery: Delivery, more: Fact[] = []) => {
    const { arrows, rows } = laid([placed([delivery]), ...more], { lanes: ["ordering", "inventory"] });
    return { arrow: arrows[0], rows };
  };
  test("end where the message is handled, below where it was published", () => {
    const { arrow, rows } = to(handled("inventory", 60), [fact("ordering.order.cancelled", 40, { sequence: 3 })]);
    expect(arrow?.y1).toBe(rows[0]?.y);
    expect(arrow?.y2).toBe((rows[1]?.y ?? 0) + square);
  });
  test("end at what came of it, if that came at once", () => {
    const { arrow, rows } = to(handled("inventory", 39), [reserved(40)]);
    expect(arrow?.y2).toBe(rows[1]?.y);
  });
  test("never end below what came of it, which was committed at the same time", () => {
    const { arrow, rows } = to(handled("inventory", 55), [reserved(40)]);
    expect(arrow?.y2).toBe(rows[1]?.y);
  });
  test("never end above where they begin, though a clock is behind", () => {
    const { arrow } = to(handled("inventory", -500));
    expect(arrow?.y2).toBeGreaterThan(arrow?.y1 ?? 0);
  });
  const unknown: Delivery = { context: "inventory", state: "UNKNOWN" };
  test("of what nobody remembers are known to have ended by what came of it", () => {
    const { arrow, rows } = to(unknown, [reserved(40)]);
    expect(arrow).toMatchObject({ state: "UNKNOWN", implied: true, y2: rows[1]?.y });
  });
  test("of what is not there yet say so", () => expect(to(unknown).arrow).toMatchObject({ state: "UNKNOWN", implied: false }));
  test("that are parked leave room for why", () => {
    const parked: Delivery = { context: "inventory", state: "PARKED", attempts: 10, at: handled("", 5).at, error: "broken" };
    const { arrow, rows } = to(parked, [fact("ordering.order.cancelled", 6, { sequence: 3 })]);
    expect(arrow).toMatchObject({ state: "PARKED", attempts: 10, error: "broken" });
    expect((rows[1]?.y ?? 0) - (arrow?.y2 ?? 0)).toBeGreaterThanOrEqual(3 * square);
  });

  test("of a command and its answer go to one context and back, and to undo it again", () => {
    const said = (what: string, ms: number, sequence: number) =>
      fact(`ordering.return.${what}`, ms, {
        sequence,
        causationId: `unrecorded ${sequence}`,
        payload: JSON.stringify({ step: "pickup", context: "fulfillment" }),
      });
    const effect = { state: "COMPENSATING" as const, steps: [{ to: "FAILED" as const }] };
    const facts = [said("stepStarted", 0, 1), { ...said("stepFailed", 20, 2), effect }, said("stepCompensated", 40, 3)];
    const { arrows, bars } = layout(story(facts, new Set(["ordering.return.stepCompensated"])), nothing);
    const ways = arrows.map(({ kind, manner, from, to }) => `${kind} ${manner} ${from}>${to}`).sort();
    expect(ways).toEqual(["answer fails 1>0", "answer undoes 1>0", "command does 0>1", "command undoes 0>1"]);
    expect(bars.map(({ lane, y1, y2 }) => [lane, y2 > y1])).toEqual([
      [1, true],
      [1, true],
    ]);
  });
});

describe("bars", () => {
  test("go from the arrival of a message to what came of it", () => {
    const { bars, arrows, rows } = laid([
      placed([handled("inventory", 20)]),
      fact("ordering.b.c", 40, { sequence: 3 }),
      reserved(100),
    ]);
    expect(bars).toEqual([{ lane: 1, y1: arrows[0]?.y2, y2: rows.at(-1)?.y, message: "ordering.order.placed" }]);
  });
  test("of who is at work go on until now", () => {
    const around = { busy: [{ context: "ordering", since: begin }], lines: [{ what: "now" as const, at: begin + 9000 }] };
    const { bars, lines, cuts } = laid([placed([])], around);
    expect(bars).toMatchObject([{ lane: 0, y2: lines[0]?.y }]);
    expect(cuts.map(({ ms }) => ms)).toEqual([9000]);
  });
});
