/** Which page of the audit log is looked at, as the address says it. */
export type AuditSearch = {
  /** The cursor that the page comes after. */
  after?: string;
};

/** Reads the address; what makes no sense is left out. */
export function auditSearch(search: Record<string, unknown>): AuditSearch {
  return typeof search.after === "string" && search.after !== "" ? { after: search.after } : {};
}
