import type { SagaStepState, StepOutcome } from "../../gql/graphql";
import type { Row } from "../rows";

/** What of a saga says what an operator can do about it. */
export type Actionable = Pick<Row, "kind" | "state" | "nextAction" | "steps" | "subject">;

/** A step of an order that does not get on. */
export type Stalled = { orderId: string; context: string; step: string; state: SagaStepState };

/** The steps that do not get on: of those under way, the ones that the saga's next action names. */
export function stalled({ kind, state, nextAction, steps, subject }: Actionable): Stalled[] {
  if (kind !== "ORDER" || state !== "STUCK" || subject?.__typename !== "Order") {
    return [];
  }
  const named = new Set([...(nextAction ?? "").matchAll(/retries or resolves the step (\w+)/g)].map(([, step]) => step));
  return steps
    .filter(({ name, state }) => named.has(name) && (state === "RUNNING" || state === "COMPENSATING"))
    .map(({ context, name, state }) => ({ orderId: subject.id, context, step: name, state }));
}

/** The return that only an operator can have go on; null if there is none. */
export function needy({ kind, state, subject }: Actionable): string | null {
  return kind === "RETURN" && state === "NEEDS_OPERATOR" && subject?.__typename === "Return" ? subject.id : null;
}

/** How a step can have ended, likeliest first. While it is undone, what was asked for at first may still be the question. */
export function outcomes({ step, state }: Pick<Stalled, "step" | "state">): StepOutcome[] {
  if (step === "dispatch") {
    return ["DONE"];
  }
  return state === "COMPENSATING" ? ["UNDONE", "DONE", "REFUSED"] : ["DONE", "REFUSED"];
}

/** What has to be told beside a reason: what it is called outside, and who carries the parcel. */
export function needed(step: string, outcome: StepOutcome): { reference: boolean; carrier: boolean } {
  return {
    reference: (step === "charge" && outcome !== "REFUSED") || (step === "arrange" && outcome === "DONE"),
    carrier: step === "arrange" && outcome === "DONE",
  };
}
