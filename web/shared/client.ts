import { type Client, cacheExchange, createClient, fetchExchange, subscriptionExchange } from "@urql/core";
import { persistedExchange } from "@urql/exchange-persisted";
import { createClient as createSocket } from "graphql-ws";

import { onSession, session } from "./session";

/**
 * A client of the gateway that asks as whoever has signed in. Documents travel by their hash, which the gateway knows; live data comes
 * over one graphql-transport-ws connection, opened when something is first watched and again after every loss, for ever.
 */
export function newClient(): Client {
  const at = new URL("/graphql", window.location.href);
  const socketAt = new URL(at);
  socketAt.protocol = at.protocol === "https:" ? "wss:" : "ws:";

  const socket = createSocket({
    url: socketAt.href,
    connectionParams: () => authorization(),
    retryAttempts: Number.POSITIVE_INFINITY,
    shouldRetry: () => true,
    // Soon at first, for a gateway that is replaced; then at most every ten seconds, not all browsers at once.
    retryWait: (retries) => new Promise((done) => setTimeout(done, Math.min(10_000, 250 * 2 ** retries) * (0.5 + Math.random()))),
    keepAlive: 10_000,
  });
  // The connection was opened as somebody else.
  onSession(() => socket.terminate());

  return createClient({
    url: at.href,
    preferGetMethod: false,
    // One answer, not a stream of them: of a stream in which the gateway does not know a document, urql makes two answers, sends the
    // document in full twice, and has a change made twice.
    fetchOptions: () => ({ headers: { accept: "application/json", ...authorization() } }),
    exchanges: [
      cacheExchange,
      persistedExchange({ enableForMutation: true, preferGetForPersistedQueries: false }),
      fetchExchange,
      subscriptionExchange({
        forwardSubscription: ({ query, variables }) => ({
          subscribe: (sink) => ({
            unsubscribe: socket.subscribe<Record<string, unknown>, Record<string, unknown>>(
              { query: query ?? "", variables: variables ?? {} },
              {
                ...sink,
                next: ({ data = null, ...rest }) => sink.next({ ...rest, data }),
              },
            ),
          }),
        }),
      }),
    ],
  });
}

function authorization(): { authorization: string } | Record<string, never> {
  const signedIn = session();
  return signedIn === null ? {} : { authorization: `Bearer ${signedIn.token}` };
}
