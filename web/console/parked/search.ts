/** Which parked messages are looked at, as the address says it. */
export type ParkedSearch = {
  context?: string;
  type?: string;
  /** What their error begins with. */
  error?: string;
  /** The cursor that the page comes after. */
  after?: string;
};

/** Reads the address; what makes no sense is left out. */
export function parkedSearch(search: Record<string, unknown>): ParkedSearch {
  const found: ParkedSearch = {};
  for (const name of ["context", "type", "error", "after"] as const) {
    const value = search[name];
    if (typeof value === "string" && value !== "") {
      found[name] = value;
    }
  }
  return found;
}
