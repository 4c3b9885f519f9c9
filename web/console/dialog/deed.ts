import { useState } from "react";
import { type AnyVariables, type TypedDocumentNode, useClient } from "urql";

import { type Trouble, trouble } from "../../shared/trouble";

/** What came of a deed: an answer, and what is wrong or missing in it; without an answer, why there is none. */
export type Result<Data> = { data: Data | null; trouble: Trouble | null };

/** Whether trouble leaves open if something was done. What was refused was not. */
export function isOpen({ kind }: Trouble): boolean {
  return kind === "offline" || kind === "away" || kind === "failed";
}

/** Something that an operator does, one at a time. */
export type Deed<Data, Variables> = {
  send: (variables: Variables) => Promise<Result<Data>>;
  busy: boolean;
};

/** Does what a mutation does. */
export function useDeed<Data, Variables extends AnyVariables>(
  mutation: TypedDocumentNode<Data, Variables>,
): Deed<Data, Variables> {
  const client = useClient();
  const [busy, setBusy] = useState(false);
  return {
    async send(variables) {
      setBusy(true);
      const { data, error } = await client.mutation(mutation, variables).toPromise();
      setBusy(false);
      return { data: data ?? null, trouble: trouble(error) };
    },
    busy,
  };
}
