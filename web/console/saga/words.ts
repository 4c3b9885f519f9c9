import type { Tone } from "../../shared/ui";
import type { DeliveryState, SagaStepState } from "../gql/graphql";
import type { Message } from "./story";

/** How a message stands with a context, as people say it. */
export const deliveryWords: Record<DeliveryState, string> = {
  HANDLED: "Handled",
  RETRYING: "Trying again",
  BEHIND: "Waiting behind others",
  PARKED: "Parked",
  UNKNOWN: "Not heard of",
};

export const deliveryTones: Record<DeliveryState, Tone> = {
  HANDLED: "good",
  RETRYING: "undo",
  BEHIND: "undo",
  PARKED: "bad",
  UNKNOWN: "plain",
};

/** How a step stands, as people say it. */
export const stepWords: Record<SagaStepState, string> = {
  PENDING: "To come",
  RUNNING: "Under way",
  DONE: "Done",
  FAILED: "Failed",
  COMPENSATING: "Being undone",
  COMPENSATED: "Undone",
  SKIPPED: "Not needed",
};

export const stepTones: Record<SagaStepState, Tone> = {
  PENDING: "plain",
  RUNNING: "main",
  DONE: "good",
  FAILED: "bad",
  COMPENSATING: "undo",
  COMPENSATED: "undo",
  SKIPPED: "plain",
};

/** What a message is, in a word; null for what just gets its saga on. */
export function sortOf({ manner, dialogue }: Message): { word: string; tone: Tone } | null {
  if (manner === "undoes") {
    return { word: "Compensation", tone: "undo" };
  }
  if (manner === "fails") {
    return { word: "Failure", tone: "bad" };
  }
  return dialogue === null ? null : { word: dialogue.kind === "command" ? "Command" : "Answer", tone: "plain" };
}

/** What a message says to those who cannot see the diagram: what, from whom, when, and what became of it. */
export function spoken(message: Message, when: string): string {
  const sort = sortOf(message)?.word;
  const deliveries = (message.fact.deliveries ?? []).map(
    ({ context, state, attempts }) => `${context}: ${deliveryWords[state]}${(attempts ?? 1) > 1 ? `, ${attempts} attempts` : ""}`,
  );
  const from = message.dialogue?.kind === "answer" ? `${message.dialogue.with} to ${message.context}` : message.context;
  const to = message.dialogue?.kind === "command" ? ` to ${message.dialogue.with}` : "";
  return [message.name, sort, `${from}${to}, ${when}`, ...deliveries].filter(Boolean).join(". ");
}
