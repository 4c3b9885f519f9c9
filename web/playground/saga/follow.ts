import { print } from "graphql";
import { createClient } from "graphql-ws";
import { useEffect, useState } from "react";

import { socket } from "../ask";
import {
  WatchOrderDocument,
  type WatchOrderSubscription,
  WatchReturnDocument,
  type WatchReturnSubscription,
} from "../gql/graphql";
import { type Change, tell, unheard, type View } from "./view";
import type { Watched } from "./watched";

/** Why nothing comes any more, or for now. */
export type Trouble = { kind: "lost" } | { kind: "ended"; why: string };

/** A saga as it goes on, from its first fact on. Over a loss of the connection nothing is left out and nothing told twice. */
export function useSaga(watched: Watched | null): { view: View; trouble: Trouble | null } {
  const [known, setKnown] = useState<{ of: Watched | null; view: View; trouble: Trouble | null }>(none(watched));
  useEffect(() => {
    setKnown(none(watched));
    if (watched === null) {
      return;
    }
    return follow(watched, {
      change: (change) => setKnown(({ view }) => ({ of: watched, view: tell(view, change), trouble: null })),
      trouble: (trouble) => setKnown(({ view }) => ({ of: watched, view, trouble })),
    });
  }, [watched]);
  return known.of === watched ? known : none(watched);
}

function none(of: Watched | null) {
  return { of, view: unheard, trouble: null };
}

type Data = Partial<WatchOrderSubscription & WatchReturnSubscription>;
type Listener = { change: (change: Change) => void; trouble: (trouble: Trouble | null) => void };

/** Follows a saga over a connection of its own, as whoever it is watched as. Returns what ends it. */
function follow({ kind, id, authorization }: Watched, listener: Listener): () => void {
  // Where it goes on after a loss: graphql-ws reads the variables again.
  const variables: Record<string, unknown> = { id, since: 0 };
  let over = false;
  const client = createClient({
    url: socket.href,
    connectionParams: authorization === undefined ? {} : { authorization },
    retryAttempts: Number.POSITIVE_INFINITY,
    shouldRetry: (event) => !(event instanceof CloseEvent && event.code >= 4400 && event.code < 4500),
    retryWait: (retries) => new Promise((done) => setTimeout(done, Math.min(10_000, 250 * 2 ** retries) * (0.5 + Math.random()))),
    keepAlive: 10_000,
    on: { closed: () => over || listener.trouble({ kind: "lost" }), connected: () => listener.trouble(null) },
  });
  client.subscribe<Data>(
    { query: print(kind === "order" ? WatchOrderDocument : WatchReturnDocument), variables },
    {
      next: ({ data }) => {
        const change = changeIn(data);
        if (change !== null) {
          variables.since = change.sequence;
          listener.change(change);
        }
      },
      error: (error) => {
        over = true;
        listener.trouble({ kind: "ended", why: words(error) });
      },
      complete: () => {
        over = true;
      },
    },
  );
  return () => {
    over = true;
    void client.dispose();
  };
}

function changeIn(data: Data | null | undefined): Change | null {
  if (data?.orderChanged) {
    const { sequence, fact, order } = data.orderChanged;
    return { sequence, fact: fact ?? null, order, saga: order.saga ?? null };
  }
  if (data?.returnChanged) {
    const { sequence, fact, return: returned } = data.returnChanged;
    return { sequence, fact: fact ?? null, order: returned.order ?? null, saga: returned.saga ?? null };
  }
  return null;
}

/** Why a subscription ended: by GraphQL errors, or with the connection. */
function words(error: unknown): string {
  if (Array.isArray(error)) {
    return error.map(({ message }: { message: string }) => message).join(" ");
  }
  return error instanceof CloseEvent ? error.reason || `closed with ${error.code}` : String(error);
}
