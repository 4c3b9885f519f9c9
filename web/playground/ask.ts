import type { TypedDocumentNode } from "@urql/core";
import { print } from "graphql";

/** Headers of a request, as somebody wrote them. */
export type Headers = Record<string, string>;

/** Where the gateway answers. */
export const api = new URL("/graphql", window.location.href);

/** Where it answers web sockets. */
export const socket = new URL(api);
socket.protocol = api.protocol === "https:" ? "wss:" : "ws:";

/** Asks the gateway for all that a document asks for; throws with its words when any of that is missing. */
export async function ask<Data, Variables>(
  document: TypedDocumentNode<Data, Variables>,
  variables: Variables,
  headers: Headers = {},
): Promise<Data> {
  const response = await fetch(api, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify({ query: print(document), variables }),
  });
  const { data, errors } = (await response.json()) as { data?: Data; errors?: { message: string }[] };
  if (!data || errors?.length) {
    throw new Error(errors?.map(({ message }) => message).join(" ") || `The gateway answered ${response.status}.`);
  }
  return data;
}
