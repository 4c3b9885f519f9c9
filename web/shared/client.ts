import { type Client, cacheExchange, createClient, fetchExchange, subscriptionExchange } from "@urql/core";
import { persistedExchange } from "@urql/exchange-persisted";

import { newSocket } from "./live";
import { onSession, session } from "./session";

/**
 * A client of the gateway that asks as whoever has signed in. Documents travel by their hash, which the gateway knows; live data comes
 * over a connection of its own.
 */
export function newClient(): Client {
  const at = new URL("/graphql", window.location.href);
  const socketAt = new URL(at);
  socketAt.protocol = at.protocol === "https:" ? "wss:" : "ws:";

  const socket = newSocket(socketAt.href, authorization);
  // The connection was opened as somebody else.
  onSession(() => socket.terminate());

  return createClient({
    url: at.href,
    preferGetMethod: false,
    // One answer, not a stream of them: of a stream in which the gateway does not know a document, urql makes two answers, sends the
    // document in full twice, and has a change made twice.
    fetchOptions: () => ({
      headers: { accept: "application/json", ...authorization() },
    }),
    exchanges: [
      cacheExchange,
      persistedExchange({ enableForMutation: true, preferGetForPersistedQueries: false }),
      fetchExchange,
      subscriptionExchange({
        forwardSubscription: ({ query, variables }) => ({
          subscribe: (sink) => {
            // urql takes what comes for parts of one answer, in which errors stay unless others, or none, take their place.
            let troubled = false;
            return {
              unsubscribe: socket.subscribe(
                { query: query ?? "", variables: variables ?? {} },
                {
                  ...sink,
                  next: ({ data = null, errors, ...rest }) => {
                    sink.next({ ...rest, data, ...(errors || troubled ? { errors: errors ?? [] } : {}) });
                    troubled ||= errors !== undefined;
                  },
                },
              ),
            };
          },
        }),
      }),
    ],
  });
}

function authorization(): { authorization: string } | Record<string, never> {
  const signedIn = session();
  return signedIn === null ? {} : { authorization: `Bearer ${signedIn.token}` };
}
