import { createGraphiQLFetcher, type Fetcher, isAsyncIterable } from "@graphiql/toolkit";
import { GraphQLError } from "graphql";

import { api, type Headers, socket, unreached } from "./ask";
import { fill, names } from "./fill/fill";
import { remember } from "./fill/remember";
import { authorization, supply } from "./fill/supply";
import { freshToken, keepSignIn } from "./identity/signIn";
import { claims } from "./identity/token";
import { about, watch } from "./saga/watched";
import { asWritten } from "./written";

// Subscriptions go over graphql-transport-ws, with the tab's headers as the connection's payload.
const send = createGraphiQLFetcher({ url: api.href, subscriptionUrl: socket.href, enableIncrementalDelivery: false });

/** Sends what a tab has, with everything filled in, and takes note of the answer. What goes wrong before is told like an answer's errors. */
export const fetcher: Fetcher = async (params, options) => {
  try {
    const { request, document } = asWritten(params);
    const headers = await filledIn((options?.headers ?? {}) as Headers);
    const variables = fill(request.variables, await supply(names(request.variables), headers));
    const note = (answer: unknown) => takeNote(variables, answer, authorization(headers));
    const answer = await sent({ ...request, variables }, { ...options, headers, ...(document && { documentAST: document }) });
    if (isAsyncIterable(answer)) {
      return noted(answer, note);
    }
    note(answer);
    return answer;
  } catch (error) {
    return { errors: [new GraphQLError(error instanceof Error ? error.message : String(error))] };
  }
};

/** Sends it; throws in words when nobody answers. */
async function sent(...request: Parameters<Fetcher>) {
  try {
    return await send(...request);
  } catch {
    return unreached();
  }
}

/** The headers with the token in them; without those that need one if nobody has signed in. */
async function filledIn(headers: Headers): Promise<Headers> {
  if (!names(headers).includes("token")) {
    return headers;
  }
  const token = await freshToken();
  return token === null
    ? Object.fromEntries(Object.entries(headers).filter(([, value]) => !names(value).includes("token")))
    : fill(headers, { token });
}

function takeNote(variables: unknown, answer: unknown, authorization: string | undefined) {
  const data = (answer as { data?: Record<string, unknown> | null } | null)?.data;
  keepSignIn(data?.signIn);
  remember({ variables, data, by: claims(authorization)?.sub ?? null });
  const subject = about({ variables, data });
  if (subject !== null) {
    watch({ ...subject, authorization });
  }
}

/** The same answers, each noted as it comes. Who stops listening stops the source at once, also while nothing comes. */
function noted<Answer>(source: AsyncIterable<Answer>, note: (answer: Answer) => void): AsyncIterableIterator<Answer> {
  const answers = source[Symbol.asyncIterator]();
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    async next() {
      const next = await answers.next();
      if (!next.done) {
        note(next.value);
      }
      return next;
    },
    return: async () => (await answers.return?.()) ?? { done: true, value: undefined },
  };
}
