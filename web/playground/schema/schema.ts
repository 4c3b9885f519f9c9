import { buildClientSchema, type GraphQLSchema, getIntrospectionQuery, type IntrospectionQuery } from "graphql";
import { useEffect, useState } from "react";

import { post } from "../ask";

/** What the editor may know of the API. */
export type Known =
  | { kind: "asking" }
  | { kind: "told"; schema: GraphQLSchema }
  /** The gateway keeps it to itself, as it does in production. */
  | { kind: "untold" }
  /** The gateway could not be asked. */
  | { kind: "away" };

/** Asks the gateway for its schema. */
async function introspect(): Promise<Known> {
  try {
    const { data } = await post<IntrospectionQuery>({
      query: getIntrospectionQuery({ inputValueDeprecation: true }),
      operationName: "IntrospectionQuery",
    });
    return data?.__schema ? { kind: "told", schema: buildClientSchema(data) } : { kind: "untold" };
  } catch {
    return { kind: "away" };
  }
}

/** The schema, and what asks for it again. */
export function useSchema(): [Known, () => void] {
  const [known, setKnown] = useState<Known>({ kind: "asking" });
  const again = () => void introspect().then(setKnown);
  useEffect(again, []);
  return [known, again];
}
