/** What of a saga is looked at, as the address says it. */
export type SagaSearch = {
  /** The message that is looked at closely. */
  message?: string;
  /** As a table rather than a diagram. */
  view?: "table";
};

/** Reads the address; what makes no sense is left out. */
export function sagaSearch({ message, view }: Record<string, unknown>): SagaSearch {
  return {
    ...(typeof message === "string" && message !== "" && { message }),
    ...(view === "table" && { view }),
  };
}
