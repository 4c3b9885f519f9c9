import { useSyncExternalStore } from "react";

import { learn, type Memory, nothing, type Run } from "./memory";

// Of this visit: a stack that is made anew has other orders.
const key = "quadrille.playground";
const listeners = new Set<() => void>();
let memory: Memory = { ...nothing, ...(JSON.parse(sessionStorage.getItem(key) ?? "{}") as Partial<Memory>) };

/** What answers have told so far. */
export function remembered(): Memory {
  return memory;
}

/** Remembers what a run has told. */
export function remember(run: Run) {
  memory = learn(memory, run);
  sessionStorage.setItem(key, JSON.stringify(memory));
  for (const tell of listeners) {
    tell();
  }
}

/** What answers have told, as of now and of every render after it changes. */
export function useRemembered(): Memory {
  return useSyncExternalStore((tell) => {
    listeners.add(tell);
    return () => listeners.delete(tell);
  }, remembered);
}
