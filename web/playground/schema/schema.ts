import { buildClientSchema, type GraphQLSchema, getIntrospectionQuery, type IntrospectionQuery } from "graphql";
import { useEffect, useState } from "react";

import { api } from "../ask";

/** What the editor may know of the API. */
export type Known =
  | { kind: "asking" }
  | { kind: "told"; schema: GraphQLSchema }
  /** The gateway keeps it to itself, as it does in production. */
  | { kind: "untold" }
  /** It could not be asked. */
  | { kind: "away" };

/** Asks the gateway for its schema. */
export async function introspect(): Promise<Known> {
  try {
    const response = await fetch(api, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({
        query: getIntrospectionQuery({ inputValueDeprecation: true }),
        operationName: "IntrospectionQuery",
      }),
    });
    return read(response.ok, (await response.json()) as { data?: IntrospectionQuery | null });
  } catch {
    return { kind: "away" };
  }
}

/** What an answer to the introspection query comes down to. A gateway that answers, but not that, does not tell. */
export function read(ok: boolean, { data }: { data?: IntrospectionQuery | null }): Known {
  if (data?.__schema) {
    return { kind: "told", schema: buildClientSchema(data) };
  }
  return { kind: ok ? "untold" : "away" };
}

/** The schema, and what asks for it again. */
export function useSchema(): [Known, () => void] {
  const [known, setKnown] = useState<Known>({ kind: "asking" });
  const again = () => void introspect().then(setKnown);
  // biome-ignore lint/correctness/useExhaustiveDependencies: once.
  useEffect(again, []);
  return [known, again];
}
