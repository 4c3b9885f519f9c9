import type { HappeningFragment, StandingFragment } from "../gql/graphql";

/** What a subscription tells of a saga. */
export type Change = {
  sequence: number;
  fact: HappeningFragment | null;
  /** The order that it is about; null while ordering does not answer. */
  order: { id: string; number: string } | null;
  saga: StandingFragment | null;
};

/** What is known of a saga. */
export type View = {
  order: { id: string; number: string } | null;
  saga: StandingFragment | null;
  /** In order of arrival. */
  facts: HappeningFragment[];
  /** Of the last fact. */
  sequence: number;
};

export const unheard: View = { order: null, saga: null, facts: [], sequence: 0 };

/** What is known after a change. One that is told again changes nothing, and what is missing in one is what it was. */
export function tell(view: View, { sequence, fact, order, saga }: Change): View {
  const news = sequence > view.sequence;
  return {
    order: order ?? view.order,
    saga: (sequence >= view.sequence ? saga : null) ?? view.saga,
    facts: fact !== null && news ? [...view.facts, fact] : view.facts,
    sequence: fact !== null && news ? sequence : view.sequence,
  };
}

/** What one context does in a saga, in the order of the process. */
export type Part = { context: string; steps: StandingFragment["steps"] };

/** The steps by context; who comes first in the process is first. */
export function parts(steps: StandingFragment["steps"]): Part[] {
  const byContext = new Map<string, StandingFragment["steps"]>();
  for (const step of steps) {
    byContext.set(step.context, [...(byContext.get(step.context) ?? []), step]);
  }
  return [...byContext].map(([context, steps]) => ({ context, steps }));
}
