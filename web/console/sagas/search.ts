import type { SagaKind, SagaState } from "../gql/graphql";
import { states } from "./state";

/** Which sagas are looked at, as the address says it. */
export type SagasSearch = {
  state?: SagaState;
  kind?: SagaKind;
  /** An order number, an e-mail address or a SKU. */
  q?: string;
  /** The cursor that the page comes after. */
  after?: string;
};

/** Reads the address; what makes no sense is left out. */
export function sagasSearch(search: Record<string, unknown>): SagasSearch {
  const found: SagasSearch = {};
  const state = states.find((state) => state === search.state);
  if (state !== undefined) {
    found.state = state;
  }
  if (search.kind === "ORDER" || search.kind === "RETURN") {
    found.kind = search.kind;
  }
  for (const name of ["q", "after"] as const) {
    const value = search[name];
    // The router reads what looks like a number as one; a SKU may.
    if ((typeof value === "string" && value !== "") || typeof value === "number") {
      found[name] = `${value}`;
    }
  }
  return found;
}
