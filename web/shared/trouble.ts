import type { CombinedError } from "@urql/core";

/** What the system did wrong, as far as a page has to tell it. */
export type Trouble =
  /** The gateway could not be reached. */
  | { kind: "offline" }
  /** The token is missing, wrong or expired. */
  | { kind: "signed out" }
  /** It is somebody else's. */
  | { kind: "forbidden" }
  /** Too much was asked too fast. */
  | { kind: "too fast" }
  /** A context did not answer; what it would have said is null. */
  | { kind: "away"; contexts: string[] }
  /** Anything else, in the gateway's words. */
  | { kind: "failed"; message: string };

/** What an answer's errors come down to; null if there are none. */
export function trouble(error: CombinedError | undefined): Trouble | null {
  if (error === undefined) {
    return null;
  }
  if (error.networkError) {
    return { kind: "offline" };
  }
  const codes = new Set(error.graphQLErrors.map(({ extensions }) => extensions.code));
  if (codes.has("UNAUTHENTICATED")) {
    return { kind: "signed out" };
  }
  if (codes.has("CONTEXT_UNAVAILABLE")) {
    return { kind: "away", contexts: away(error) };
  }
  if (codes.has("FORBIDDEN")) {
    return { kind: "forbidden" };
  }
  if (codes.has("RATE_LIMITED")) {
    return { kind: "too fast" };
  }
  return { kind: "failed", message: error.graphQLErrors[0]?.message ?? error.message };
}

/** The contexts that did not answer. */
export function away(error: CombinedError | undefined): string[] {
  const contexts = (error?.graphQLErrors ?? [])
    .filter(({ extensions }) => extensions.code === "CONTEXT_UNAVAILABLE")
    .map(({ extensions }) => String(extensions.context));
  return [...new Set(contexts)].sort();
}
