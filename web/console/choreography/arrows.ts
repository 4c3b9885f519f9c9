import type { ChoreographyQuery } from "../gql/graphql";
import type { Age } from "../live/AsOf";

/** A kind of message, and who reacts to it. */
export type Fact = NonNullable<ChoreographyQuery["choreography"]>[number];

/** What an arrow is for: saying what happened, saying what undoes something, or asking for something. */
export type Sort = "fact" | "undo" | "command";

/** All that one context says to another for one purpose. */
export type Arrow = {
  from: string;
  to: string;
  sort: Sort;
  types: string[];
  /** How many there were within the last minute; null if that is not known of any. */
  lastMinute: number | null;
};

/** What is looked at: a context with all that it says and hears, or one kind of fact; null for everything. */
export type Focus = { context: string } | { type: string } | null;

export function sortOf({ style, compensation }: Pick<Fact, "style" | "compensation">): Sort {
  if (style === "COMMAND") {
    return "command";
  }
  return compensation ? "undo" : "fact";
}

/** The arrows from those who say something to those who react to it. */
export function arrows(facts: readonly Fact[]): Arrow[] {
  const found = new Map<string, Arrow>();
  for (const fact of facts) {
    for (const to of fact.consumers) {
      const sort = sortOf(fact);
      const key = `${fact.context} ${to} ${sort}`;
      const arrow = found.get(key) ?? { from: fact.context, to, sort, types: [], lastMinute: null };
      arrow.types.push(fact.type);
      if (typeof fact.lastMinute === "number") {
        arrow.lastMinute = (arrow.lastMinute ?? 0) + fact.lastMinute;
      }
      found.set(key, arrow);
    }
  }
  return [...found.values()];
}

/** How old the rates are, given how old the facts are: without chronicle the facts are known, but not how many there are. */
export function ratesAge(facts: readonly Pick<Fact, "lastMinute">[] | null, age: Age): Age {
  return facts?.some(({ lastMinute }) => typeof lastMinute === "number") ? age : { ...age, asOf: null };
}

/** Whether an arrow belongs to what is looked at. */
export function isLit({ from, to, types }: Arrow, focus: Focus): boolean {
  if (focus === null) {
    return false;
  }
  return "context" in focus ? from === focus.context || to === focus.context : types.includes(focus.type);
}

/**
 * The contexts that say something to somebody or react to something, in an order in which few arrows cross when they stand in a circle: those
 * that are in all sagas have the others between them. Contexts that are not known here come after, by name.
 */
export function contexts(arrows: readonly Arrow[]): string[] {
  const process = ["ordering", "catalog", "inventory", "fulfillment", "billing", "customers", "pricing"];
  const all = new Set(arrows.flatMap(({ from, to }) => [from, to]));
  const others = [...all].filter((name) => !process.includes(name)).sort();
  return [...process.filter((name) => all.has(name)), ...others];
}
