import { useSyncExternalStore } from "react";

import type { Role } from "./gql/graphql";
import { kept } from "./kept";

/** Who has signed in, in every tab of this browser, until the token expires. */
export type Session = {
  token: string;
  /** When the token is no longer good, as RFC 3339. */
  expiresAt: string;
  email: string;
  name: string;
  roles: Role[];
};

const { now, keep, listen } = kept("quadrille.session", (text) => (text === null ? null : (JSON.parse(text) as Session)));

/** Who has signed in; null if nobody has, or no longer. */
export function session(): Session | null {
  const known = now();
  return known !== null && Date.parse(known.expiresAt) > Date.now() ? known : null;
}

/** Remembers who has signed in; null for nobody. */
export const keepSession: (next: Session | null) => void = keep;

/** Calls back when somebody signs in or out, also in another tab. Returns what ends it. */
export const onSession: (tell: () => void) => () => void = listen;

/** Who has signed in, as of now and of every render after it changes. */
export function useSession(): Session | null {
  return useSyncExternalStore(onSession, session);
}
