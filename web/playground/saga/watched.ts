import { useSyncExternalStore } from "react";

import type { Run } from "../fill/memory";

/** Whose saga is shown, and as whom it is watched. */
export type Watched = { kind: "order" | "return"; id: string; authorization: string | undefined };

const listeners = new Set<() => void>();
let watched: Watched | null = null;

/** Shows the saga of this from now on. */
export function watch(next: Watched) {
  if (next.kind === watched?.kind && next.id === watched.id && next.authorization === watched.authorization) {
    return;
  }
  watched = next;
  for (const tell of listeners) {
    tell();
  }
}

/** Whose saga is shown, as of now and of every render after it changes; null before anything was placed or asked for. */
export function useWatched(): Watched | null {
  return useSyncExternalStore(
    (tell) => {
      listeners.add(tell);
      return () => listeners.delete(tell);
    },
    () => watched,
  );
}

/** What a run was about that has a saga, if it was of operations as the tabs have them. */
export function about({ variables, data }: Pick<Run, "variables" | "data">): Pick<Watched, "kind" | "id"> | null {
  const sent = variables as { id?: unknown; input?: { orderId?: unknown } } | null | undefined;
  const got = data as Partial<
    Record<string, { id?: unknown; order?: { id?: unknown } | null; return?: { id?: unknown } | null } | null>
  >;
  const returned = got?.requestReturn?.return?.id;
  if (typeof returned === "string") {
    return { kind: "return", id: returned };
  }
  const order =
    got?.placeOrder?.order?.id ??
    got?.orderChanged?.order?.id ??
    got?.order?.id ??
    (got?.cancelOrder ? sent?.input?.orderId : undefined);
  return typeof order === "string" ? { kind: "order", id: order } : null;
}
