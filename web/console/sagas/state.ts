import type { Tone } from "../../shared/ui";
import type { SagaKind, SagaState } from "../gql/graphql";

/** Saga states as people say them. */
export const stateWords: Record<SagaState, string> = {
  RUNNING: "Running",
  COMPENSATING: "Undoing",
  COMPLETED: "Completed",
  COMPENSATED: "Undone",
  STUCK: "Stuck",
  NEEDS_OPERATOR: "Needs an operator",
};

export const stateTones: Record<SagaState, Tone> = {
  RUNNING: "main",
  COMPENSATING: "undo",
  COMPLETED: "good",
  COMPENSATED: "plain",
  STUCK: "bad",
  NEEDS_OPERATOR: "bad",
};

/** All states, those first that want something of an operator. */
export const states = [
  "STUCK",
  "NEEDS_OPERATOR",
  "RUNNING",
  "COMPENSATING",
  "COMPLETED",
  "COMPENSATED",
] as const satisfies SagaState[];

export const kindWords: Record<SagaKind, string> = { ORDER: "Order", RETURN: "Return" };

/** Whether somebody has to look at it. */
export function needsAttention(state: SagaState): boolean {
  return state === "STUCK" || state === "NEEDS_OPERATOR";
}
