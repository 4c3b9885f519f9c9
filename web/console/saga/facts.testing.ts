import type { Delivery, Fact } from "./story";

/** When the stories of tests begin. */
export const begin = Date.parse("2026-03-01T10:00:00Z");

/** A fact for tests, so many milliseconds after the beginning. */
export function fact(type: string, ms: number, more: Partial<Fact> & { sequence: number }): Fact {
  const [context = ""] = type.split(".");
  return { id: type, type, context, occurredAt: new Date(begin + ms).toISOString(), summary: "", deliveries: [], ...more };
}

/** A delivery for tests, so many milliseconds after the beginning. */
export function handled(context: string, ms: number): Delivery {
  return { context, state: "HANDLED", attempts: 1, at: new Date(begin + ms).toISOString() };
}
