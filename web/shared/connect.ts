import { type Client, type ClientOptions, createClient } from "graphql-ws";

import type { Connection } from "./live";
import { wait } from "./wait";

/** How long the gateway may take to answer a ping. */
const patience = 5000;

export type Connect = typeof connect;

/** A graphql-transport-ws client that connects when something is watched, and again after every loss, for ever. It says how that goes. */
export function connect(
  to: Pick<ClientOptions, "url" | "connectionParams" | "webSocketImpl">,
  become: (connection: Connection) => void,
): Client {
  let waiting: ReturnType<typeof setTimeout> | undefined;
  const client = createClient({
    ...to,
    retryAttempts: Number.POSITIVE_INFINITY,
    shouldRetry: () => true,
    retryWait: wait,
    keepAlive: 10_000,
    on: {
      connected: () => become("open"),
      closed: (event) => {
        clearTimeout(waiting);
        become((event as CloseEvent).code === 1000 ? "idle" : "lost");
      },
      // Whoever has slept for an hour finds a connection that looks open and is not.
      ping: (received) => {
        if (!received) {
          clearTimeout(waiting);
          waiting = setTimeout(() => client.terminate(), patience);
        }
      },
      pong: (received) => {
        if (received) {
          clearTimeout(waiting);
        }
      },
    },
  });
  return client;
}
