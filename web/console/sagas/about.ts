import type { SagaAbout, SagaFilter } from "../gql/graphql";
import type { SagasSearch } from "./search";

/** What somebody may be looking for: what it looks like, and how the gateway is asked. */
export type Sought = { words: string; about: SagaAbout };

/** Recognises what is typed: an e-mail address has an @, an order number is Q-17, and everything else is a SKU. */
export function sought(typed: string): Sought | null {
  const text = typed.trim();
  if (text === "") {
    return null;
  }
  if (text.includes("@")) {
    return { words: "a customer's e-mail address", about: { customerEmail: text } };
  }
  if (/^q-\d+$/i.test(text)) {
    return { words: "an order number", about: { orderNumber: text } };
  }
  return { words: "a SKU", about: { sku: text } };
}

/** The filter that the address asks for. */
export function filterOf({ state, kind, q }: SagasSearch): SagaFilter {
  const about = sought(q ?? "")?.about;
  return { ...(state && { state }), ...(kind && { kind }), ...(about && { about }) };
}
