/** What is looked at, as the address says it. */
export type BrowseSearch = {
  category?: string;
  /** Words to search for. */
  q?: string;
  /** The cursor that the page comes after. */
  after?: string;
};

/** Reads the address; what makes no sense is left out. */
export function browseSearch(search: Record<string, unknown>): BrowseSearch {
  const found: BrowseSearch = {};
  for (const name of ["category", "q", "after"] as const) {
    const value = search[name];
    if (typeof value === "string" && value !== "") {
      found[name] = value;
    }
  }
  return found;
}
