import { print } from "graphql";
import { useEffect, useState } from "react";

import { newSocket, useConnection } from "../../shared/live";
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
  const [known, setKnown] = useState<Known>(none(watched));
  const connection = useConnection();
  useEffect(() => {
    setKnown(none(watched));
    if (watched === null) {
      return;
    }
    return follow(watched, {
      change: (change) => setKnown((known) => ({ ...known, view: tell(known.view, change) })),
      end: (why) => setKnown((known) => ({ ...known, ended: { kind: "ended", why } })),
    });
  }, [watched]);
  const { view, ended } = known.of === watched ? known : none(watched);
  return { view, trouble: ended ?? (watched !== null && connection === "lost" ? { kind: "lost" } : null) };
}

type Known = { of: Watched | null; view: View; ended: Trouble | null };

function none(of: Watched | null): Known {
  return { of, view: unheard, ended: null };
}

type Data = Partial<WatchOrderSubscription & WatchReturnSubscription>;
type Listener = { change: (change: Change) => void; end: (why: string) => void };

/** Follows a saga over a connection of its own, as whoever it is watched as. Returns what ends it. */
function follow({ kind, id, authorization }: Watched, listener: Listener): () => void {
  const live = newSocket(socket.href, () => (authorization === undefined ? {} : { authorization }));
  return live.subscribe(
    { query: print(kind === "order" ? WatchOrderDocument : WatchReturnDocument), variables: { id, since: 0 } },
    {
      next: ({ data }) => {
        const change = changeIn(data as Data | null | undefined);
        if (change !== null) {
          listener.change(change);
        }
      },
      error: (error) => listener.end(words(error)),
      complete: () => {},
    },
  );
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
