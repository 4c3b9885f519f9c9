import type { DeliveryState, SagaState, SagaStepState } from "../gql/graphql";

/** A fact as chronicle has it, as far as its story is told by it. */
export type Fact = {
  id: string;
  type: string;
  context: string;
  occurredAt: string;
  causationId?: string | null | undefined;
  sequence: number;
  summary: string;
  payload?: string | null | undefined;
  effect?: { state: SagaState; steps: { to: SagaStepState }[] } | null | undefined;
  deliveries?: Delivery[] | null | undefined;
};

/** What became of a fact with one context that reacts to it. */
export type Delivery = {
  context: string;
  state: DeliveryState;
  attempts?: number | null | undefined;
  at?: string | null | undefined;
  error?: string | null | undefined;
};

/** What a message does in its saga: it gets it on, undoes something of it, or tells of a failure. */
export type Manner = "does" | "undoes" | "fails";

/**
 * What ordering and one other context say to each other alone, for a step of a return. Such commands and answers are not recorded; what
 * ordering makes known of them is.
 */
export type Dialogue = { kind: "command" | "answer"; with: string; step: string };

/** A fact with its place in the story. */
export type Message<F extends Fact = Fact> = {
  id: string;
  /** Without the context: payment captured. */
  name: string;
  context: string;
  /** When it happened, in milliseconds; never before what led to it, whatever the clocks say. */
  at: number;
  /** By how many milliseconds its clock was behind that of what led to it. */
  skew: number;
  /** The message that led to it; null if that is none of these. */
  cause: string | null;
  /** When what led to it happened; if nothing did, when it happened itself. */
  causedAt: number;
  /** Whether it says so itself, or the cause is the last of what its context was asked for. */
  told: boolean;
  manner: Manner;
  dialogue: Dialogue | null;
  fact: F;
};

/** Puts facts in the order in which they happened, each after what led to it. `undoing` has the types that undo something. */
export function story<F extends Fact>(facts: readonly F[], undoing: ReadonlySet<string>): Message<F>[] {
  const bySequence = [...facts].sort((a, b) => a.sequence - b.sequence);
  const messages = new Map<string, Message<F>>();
  for (const fact of bySequence) {
    const at = Date.parse(fact.occurredAt);
    const dialogue = dialogueOf(fact);
    const manner = mannerOf(fact, undoing);
    const message = {
      id: fact.id,
      name: nameOf(fact),
      context: fact.context,
      at,
      skew: 0,
      cause: null,
      causedAt: at,
      told: true,
    };
    messages.set(fact.id, { ...message, manner, dialogue, fact });
  }
  for (const message of messages.values()) {
    Object.assign(message, causeOf(message, messages));
  }
  const depths = new Map<string, number>();
  for (const message of messages.values()) {
    settle(message, messages, depths);
  }
  const depth = ({ id }: Message) => depths.get(id) ?? 0;
  return [...messages.values()].sort((a, b) => a.at - b.at || depth(a) - depth(b) || a.fact.sequence - b.fact.sequence);
}

/** Moves a message behind what led to it; depths has of each how many led to it. */
function settle(message: Message, all: Map<string, Message>, depths: Map<string, number>) {
  if (depths.has(message.id)) {
    return;
  }
  depths.set(message.id, 0); // ends a circle, of which there is none
  const cause = all.get(message.cause ?? "");
  if (cause !== undefined) {
    settle(cause, all, depths);
    depths.set(message.id, (depths.get(cause.id) ?? 0) + 1);
    message.skew = Math.max(0, cause.at - message.at);
    message.at += message.skew;
    message.causedAt = cause.at;
  }
}

function causeOf(message: Message, all: Map<string, Message>): Pick<Message, "cause" | "told"> {
  const cause = message.fact.causationId ?? null;
  if (cause === null || all.has(cause)) {
    return { cause, told: true };
  }
  const derived = unrecordedCauseOf(message, all);
  return { cause: derived?.id ?? null, told: derived === undefined };
}

/** What led to a message whose cause is a command or an answer, neither of which is recorded. */
function unrecordedCauseOf(message: Message, all: Map<string, Message>): Message | undefined {
  const before = [...all.values()].filter((other) => other !== message && other.at <= message.at);
  const { dialogue, manner, fact } = message;
  if (dialogue?.kind === "answer" && manner === "undoes") {
    return before.findLast(
      (other) => other.fact.sequence < fact.sequence && other.dialogue?.kind === "answer" && other.manner !== "does",
    );
  }
  if (dialogue?.kind === "answer") {
    return before.findLast((other) => other.dialogue?.kind === "command" && other.dialogue.step === dialogue.step);
  }
  return (
    before.find((other) => other.fact.causationId === fact.causationId && other.fact.sequence < fact.sequence) ??
    before.findLast((other) => other.dialogue?.kind === "command" && other.dialogue.with === message.context)
  );
}

function mannerOf({ type, effect }: Fact, undoing: ReadonlySet<string>): Manner {
  if (effect?.state === "NEEDS_OPERATOR" || effect?.steps.some(({ to }) => to === "FAILED")) {
    return "fails";
  }
  return undoing.has(type) || effect?.steps.some(({ to }) => to === "COMPENSATED") ? "undoes" : "does";
}

/** Which facts tell of a command, and which of an answer to one. */
const dialogues: Record<string, Dialogue["kind"]> = {
  "ordering.return.stepStarted": "command",
  "ordering.return.stepCompleted": "answer",
  "ordering.return.stepFailed": "answer",
  "ordering.return.stepCompensated": "answer",
};

function dialogueOf({ type, payload }: Fact): Dialogue | null {
  const kind = dialogues[type];
  if (kind === undefined || !payload) {
    return null;
  }
  const { step, context, cause, by } = JSON.parse(payload) as { step?: string; context?: string; cause?: string; by?: string };
  // A context that was silent for too long gave no answer, and an operator who resolves a step answers for nobody.
  const unanswered = cause === "TIMED_OUT" || by === "OPERATOR";
  return step === undefined || context === undefined || unanswered ? null : { kind, with: context, step };
}

function nameOf(fact: Fact): string {
  const [, aggregate = "", what = ""] = fact.type.split(".");
  const words = what.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  const step = dialogueOf(fact)?.step;
  return step === undefined ? `${aggregate} ${words}` : `${words}: ${step}`;
}

/** All that led to a message, and all that it led to, itself included. */
export function chain(messages: readonly Message[], id: string): Set<string> {
  const causes = new Map(messages.map((message) => [message.id, message.cause]));
  const linked = new Set<string>();
  for (let at: string | null | undefined = id; at && !linked.has(at); at = causes.get(at)) {
    linked.add(at);
  }
  for (let grown = true, after = new Set([id]); grown; ) {
    grown = false;
    for (const { id, cause } of messages) {
      if (cause !== null && after.has(cause) && !after.has(id)) {
        after.add(id);
        linked.add(id);
        grown = true;
      }
    }
  }
  return linked;
}
