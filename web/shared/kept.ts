/** A value that this browser keeps by a name, the same in every tab. `read` says what a text means, and what it is when there is none. */
export function kept<Value>(key: string, read: (text: string | null) => Value) {
  const listeners = new Set<() => void>();
  // useSyncExternalStore asks often and compares by identity.
  let known: { text: string | null; value: Value } = { text: null, value: read(null) };

  return {
    /** What it is now. */
    now(): Value {
      const text = localStorage.getItem(key);
      if (text !== known.text) {
        known = { text, value: read(text) };
      }
      return known.value;
    },
    /** Keeps another from now on; null for none. */
    keep(next: Value | null) {
      if (next === null) {
        localStorage.removeItem(key);
      } else {
        localStorage.setItem(key, JSON.stringify(next));
      }
      for (const tell of listeners) {
        tell();
      }
    },
    /** Calls back when it changes, also in another tab. Returns what ends it. */
    listen(tell: () => void): () => void {
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
    },
  };
}
