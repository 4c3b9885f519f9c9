import { useMemo } from "react";

import { useNow } from "../../shared/moment";
import type { SagaQuery } from "../gql/graphql";
import type { Around } from "./layout";
import type { Message } from "./story";

type Saga = NonNullable<SagaQuery["saga"]>;

/** What is in a saga's diagram besides its messages: who takes part and is at work, its deadline, and as long as it runs, the present. */
export function useAround(saga: Saga, messages: readonly Message[]): Around {
  const rests = saga.state === "COMPLETED" || saga.state === "COMPENSATED";
  const second = Math.floor(useNow() / 1000);
  const now = rests ? null : second * 1000;
  return useMemo(() => around(saga, messages, now), [saga, messages, now]);
}

/** At rest there is no present. */
export function around(
  { steps, deadline }: Pick<Saga, "steps" | "deadline">,
  messages: readonly Message[],
  now: number | null,
): Around {
  const last = messages.at(-1)?.at ?? 0;
  const due = deadline ? Date.parse(deadline) : deadlineIn(messages);
  return {
    lanes: steps.map(({ context }) => context),
    lines: [
      // Of one that nobody came to, nobody wants to know.
      ...(due !== null && (now !== null || due <= last) ? [{ what: "deadline" as const, at: due }] : []),
      // The present is past all that was heard, whatever the clocks say.
      ...(now !== null ? [{ what: "now" as const, at: Math.max(now, last) }] : []),
    ],
    busy:
      now === null
        ? []
        : steps.flatMap(({ context, state, startedAt }) =>
            isBusy(state) && startedAt ? [{ context, since: Date.parse(startedAt) }] : [],
          ),
  };
}

function isBusy(state: Saga["steps"][number]["state"]): boolean {
  return state === "RUNNING" || state === "COMPENSATING";
}

/** The deadline as it was set when the order was placed. */
function deadlineIn(messages: readonly Message[]): number | null {
  const placed = messages.find(({ fact }) => fact.type === "ordering.order.placed")?.fact.payload;
  const { deadline } = placed ? (JSON.parse(placed) as { deadline?: string }) : {};
  return deadline ? Date.parse(deadline) : null;
}
