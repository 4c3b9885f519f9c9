import { useSyncExternalStore } from "react";

import type { Role } from "./gql/graphql";

/** Who has signed in, in every tab of this browser, until the token expires. */
export type Session = {
  token: string;
  /** When the token is no longer good, as RFC 3339. */
  expiresAt: string;
  email: string;
  name: string;
  roles: Role[];
};

const key = "quadrille.session";
const listeners = new Set<() => void>();

// useSyncExternalStore asks often and compares by identity.
let known: { text: string | null; session: Session | null } = { text: null, session: null };

/** Who has signed in; null if nobody has, or no longer. */
export function session(): Session | null {
  const text = localStorage.getItem(key);
  if (text !== known.text) {
    known = { text, session: text === null ? null : (JSON.parse(text) as Session) };
  }
  return known.session !== null && Date.parse(known.session.expiresAt) > Date.now() ? known.session : null;
}

/** Remembers who has signed in; null for nobody. */
export function keepSession(next: Session | null) {
  if (next === null) {
    localStorage.removeItem(key);
  } else {
    localStorage.setItem(key, JSON.stringify(next));
  }
  for (const tell of listeners) {
    tell();
  }
}

/** Calls back when somebody signs in or out, also in another tab. Returns what ends it. */
export function onSession(tell: () => void): () => void {
  const elsewhere = (event: StorageEvent) => {
    if (event.key === key || event.key === null) {
      tell();
    }
  };
  listeners.add(tell);
  window.addEventListener("storage", elsewhere);
  return () => {
    listeners.delete(tell);
    window.removeEventListener("storage", elsewhere);
  };
}

/** Who has signed in, as of now and of every render after it changes. */
export function useSession(): Session | null {
  return useSyncExternalStore(onSession, session);
}
