import type { BrowseSearch } from "./search";

const key = "quadrille.trail";

/** Where a page of a list stands: behind how many, and after which cursor the page before it is (none: it is the first). */
export type Place = { start: number; before?: string };

/** The pages that were seen, by what leads to them. The gateway's lists are read forwards only; this is the way back. */
export type Trail = Record<string, Place>;

/** Where a page stands; null for one that nobody came to through the list. */
export function placeOf(trail: Trail, page: BrowseSearch): Place | null {
  return page.after === undefined ? { start: 0 } : (trail[name(page)] ?? null);
}

/** The trail, and where the page after this one stands. Without knowing where this one stands, it is left as it is. */
export function goneOn(trail: Trail, page: BrowseSearch, count: number, next: string): Trail {
  const here = placeOf(trail, page);
  if (here === null) {
    return trail;
  }
  const there: Place = { start: here.start + count, ...(page.after !== undefined && { before: page.after }) };
  return { ...trail, [name({ ...page, after: next })]: there };
}

function name({ category, q, after }: BrowseSearch): string {
  return JSON.stringify([category ?? null, q ?? null, after ?? null]);
}

/** The trail of this tab, which survives a reload. */
export function readTrail(): Trail {
  try {
    return JSON.parse(sessionStorage.getItem(key) ?? "{}") as Trail;
  } catch {
    return {};
  }
}

/** Keeps the trail. */
export function keepTrail(trail: Trail) {
  sessionStorage.setItem(key, JSON.stringify(trail));
}
