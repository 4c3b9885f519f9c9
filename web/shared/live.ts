import type { Client, FormattedExecutionResult } from "graphql-ws";
import { useSyncExternalStore } from "react";

import type { Connect } from "./connect";
import { wait } from "./wait";

/** How live data comes: nobody watches; it comes; it does not, and is asked for again and again. */
export type Connection = "idle" | "open" | "lost";

let connection: Connection = "idle";
const listeners = new Set<() => void>();

function become(next: Connection) {
  connection = next;
  for (const tell of listeners) {
    tell();
  }
}

function onConnection(tell: () => void): () => void {
  listeners.add(tell);
  return () => listeners.delete(tell);
}

/** How live data comes, as of now and of every render after that changes. */
export function useConnection(): Connection {
  return useSyncExternalStore(onConnection, () => connection);
}

type Asked = { query: string; variables: Record<string, unknown> };
type Sink = {
  next: (result: FormattedExecutionResult<Record<string, unknown>, Record<string, unknown>>) => void;
  error: (error: unknown) => void;
  complete: () => void;
};

/** What connects, which no page needs before something is watched. */
async function connecting(): Promise<Connect> {
  for (let tries = 0; ; tries++) {
    try {
      return (await import("./connect")).connect;
    } catch {
      become("lost");
      await wait(tries);
    }
  }
}

/**
 * One graphql-transport-ws connection, opened when something is first watched and again after every loss, for ever. A subscription that
 * can be resumed (it takes `since`, and what it tells has a `sequence`) goes on after a loss with what it has not told yet.
 */
export function newSocket(url: string, connectionParams: () => Record<string, unknown>, webSocketImpl?: unknown) {
  let client: Client | undefined;
  let coming: Promise<Client> | undefined;

  async function open(): Promise<Client> {
    const connect = await connecting();
    client = connect({ url, connectionParams, webSocketImpl }, become);
    return client;
  }

  return {
    terminate: () => client?.terminate(),
    /** Returns what ends it. */
    subscribe(asked: Asked, sink: Sink): () => void {
      let ended = false;
      let end = () => {};
      coming ??= open();
      void coming.then((client) => {
        if (!ended) {
          end = watch(client, asked, sink);
        }
      });
      return () => {
        ended = true;
        end();
      };
    },
  };
}

function watch(client: Client, asked: Asked, sink: Sink): () => void {
  // What is asked is read again whenever the connection was lost.
  const resumed: Asked = { query: asked.query, variables: { ...asked.variables } };
  return client.subscribe<Record<string, unknown>, Record<string, unknown>>(resumed, {
    ...sink,
    next: (result) => {
      const last = sequence(result.data);
      if (last !== undefined && "since" in resumed.variables) {
        resumed.variables.since = last;
      }
      sink.next(result);
    },
  });
}

/** The number of what a subscription tells, if it counts. */
function sequence(data: Record<string, unknown> | null | undefined): number | undefined {
  const [told] = Object.values(data ?? {});
  const counted = (told as { sequence?: unknown } | null | undefined)?.sequence;
  return typeof counted === "number" ? counted : undefined;
}
