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
  const { data, errors } = await post<Data>({ query: print(document), variables }, headers);
  if (!data || errors?.length) {
    throw new Error(errors?.map(({ message }) => message).join(" ") || "The gateway has answered nothing.");
  }
  return data;
}

/** An answer of the gateway. */
export type Answer<Data> = { data?: Data | null; errors?: { message: string }[] };

/** Sends a request; throws when the gateway does not answer, or something else does in its place. */
export async function post<Data>(request: Record<string, unknown>, headers: Headers = {}): Promise<Answer<Data>> {
  try {
    const response = await fetch(api, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify(request),
    });
    return (await response.json()) as Answer<Data>;
  } catch {
    return unreached();
  }
}

/** Says in words that the gateway does not answer, or something else does in its place. */
export function unreached(): never {
  throw new Error("The gateway cannot be reached at the moment.");
}
