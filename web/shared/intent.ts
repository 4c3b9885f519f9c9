const prefix = "quadrille.intent.";

/**
 * The idempotency key of something that a person is about to do. It stays the same through double clicks, retries and reloads, and in
 * every tab, until it is settled, so that however often it is sent, it is done once. `what` names the intent, and all that would make it
 * another one: a return of other lines has another key.
 */
export function intent(what: string): string {
  const kept = localStorage.getItem(prefix + what);
  if (kept !== null) {
    return kept;
  }
  const key = crypto.randomUUID();
  localStorage.setItem(prefix + what, key);
  return key;
}

/** Says that it is done or given up: what is done next under this name is done anew. */
export function settle(what: string) {
  localStorage.removeItem(prefix + what);
}
