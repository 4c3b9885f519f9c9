import { useState } from "react";

import type { Trouble } from "../../shared/trouble";
import { useDeed } from "../dialog/deed";
import { RetryParkedDocument, type RetryParkedMessagesInput } from "../gql/graphql";
import { isNothing, type Outcome, outcome } from "./outcome";

/** What is to be tried again: some messages, or groups of them, one request each. */
export type Which = Pick<RetryParkedMessagesInput, "messages" | "payload">[];

/** Has messages tried again, or tells what would be. One request that fails does not keep the others. */
export function useRetry(onDone: () => void) {
  const { send, busy } = useDeed(RetryParkedDocument);
  const [result, setResult] = useState<Outcome | null>(null);
  const [troubles, setTroubles] = useState<Trouble[]>([]);
  async function retry(which: Which, isDry: boolean) {
    const answers = [];
    const went: Trouble[] = [];
    for (const input of which) {
      const { data, trouble } = await send({ input: { ...input, dryRun: isDry } });
      answers.push(data?.retryParkedMessages ?? null);
      if (trouble !== null) {
        went.push(trouble);
      }
    }
    const all = outcome(isDry, answers);
    setResult(isNothing(all) && went.length > 0 ? null : all);
    setTroubles(went);
    if (!isDry) {
      onDone();
    }
  }
  const isDone = result !== null && !result.isDry && result.refusals.length === 0;
  return { retry, busy, result, troubles, isDone };
}
