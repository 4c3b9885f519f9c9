import type { SagaTimelineQuery, StoryFactFragment } from "../gql/graphql";
import type { Delivery } from "./story";

/** A fact, and where it stands in the timeline. */
export type Entry = { fact: StoryFactFragment; cursor: string };

/** What is known of a timeline. */
export type Pages = {
  /** By their numbers. */
  entries: Entry[];
  /** How many there are in all. */
  total: number;
  /** Whether there are some behind these. */
  more: boolean;
  /** Those that came while somebody looked. */
  fresh: ReadonlySet<string>;
};

export const noPages: Pages = { entries: [], total: 0, more: false, fresh: new Set() };

type Page = NonNullable<NonNullable<SagaTimelineQuery["saga"]>["timeline"]>;

/** Adds a page; facts that are known already are replaced. `live` is for what came while somebody looked. */
export function turned({ entries, fresh }: Pages, page: Page, live: boolean): Pages {
  const known = new Map(entries.map((entry) => [entry.fact.sequence, entry]));
  const come = page.edges.filter(({ node }) => !known.has(node.sequence)).map(({ node }) => node.id);
  for (const { node, cursor } of page.edges) {
    known.set(node.sequence, { fact: node, cursor });
  }
  return {
    entries: [...known.values()].sort((a, b) => a.fact.sequence - b.fact.sequence),
    total: page.totalCount,
    more: page.pageInfo.hasNextPage,
    fresh: live ? new Set([...fresh, ...come]) : fresh,
  };
}

/** What has become of facts since. The same pages if nothing has. */
export function delivered(pages: Pages, facts: readonly { id: string; deliveries?: Delivery[] | null | undefined }[]): Pages {
  const now = new Map(facts.map(({ id, deliveries }) => [id, deliveries]));
  let changed = false;
  const entries = pages.entries.map((entry) => {
    const deliveries = now.get(entry.fact.id);
    if (!deliveries || JSON.stringify(deliveries) === JSON.stringify(entry.fact.deliveries)) {
      return entry;
    }
    changed = true;
    return { ...entry, fact: { ...entry.fact, deliveries } as StoryFactFragment };
  });
  return changed ? { ...pages, entries } : pages;
}

/** For so long a fact that a context has not heard of may still be on its way. After that, it was heard of and is forgotten. */
const onItsWayMs = 10 * 60_000;
const perPage = 100;

/** Which page has the facts that are not handled everywhere; null when there are none. */
export function unsettled({ entries }: Pages, now: number): { after: string | null; first: number } | null {
  const open = entries.map(({ fact }) => isOpen(fact, now));
  const first = open.indexOf(true);
  if (first < 0) {
    return null;
  }
  return { after: entries[first - 1]?.cursor ?? null, first: Math.min(perPage, open.lastIndexOf(true) - first + 1) };
}

function isOpen({ deliveries, occurredAt }: StoryFactFragment, now: number): boolean {
  const recent = now - Date.parse(occurredAt) < onItsWayMs;
  return deliveries ? deliveries.some(({ state }) => state !== "HANDLED" && (state !== "UNKNOWN" || recent)) : recent;
}
