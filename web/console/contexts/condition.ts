import type { ContextStandingFragment } from "../gql/graphql";

/** A context as it is now. */
export type Context = ContextStandingFragment;

/** How a context is, in a word, and why, in sentences. */
export type Condition = {
  word: "Well" | "Away" | "Paused" | "Cut off" | "Needs a look";
  tone: "good" | "undo" | "bad";
  why: string[];
};

/** What there is to say of how a context is; the word is of the worst. */
export function condition(context: Context): Condition {
  if (!context.reachable) {
    return { word: "Away", tone: "bad", why: ["It does not answer. What it has to do waits for it."] };
  }
  const findings: Condition[] = [];
  if (context.relayPaused) {
    findings.push({ word: "Paused", tone: "bad", why: [`It publishes nothing: ${context.relayPaused}.`] });
  }
  const cut = context.breakers.filter(({ state }) => state !== "CLOSED").map(({ to }) => to);
  if (cut.length > 0) {
    findings.push({ word: "Cut off", tone: "undo", why: [`Its calls to ${cut.join(" and ")} fail.`] });
  }
  if ((context.parked ?? 0) > 0) {
    findings.push({ word: "Needs a look", tone: "undo", why: ["Messages are parked until an operator sees to them."] });
  }
  if ((context.dead ?? 0) > 0) {
    findings.push({ word: "Needs a look", tone: "undo", why: ["There are messages that nobody could read."] });
  }
  const worst = findings[0] ?? { word: "Well", tone: "good" };
  return { word: worst.word, tone: worst.tone, why: findings.flatMap(({ why }) => why) };
}

/** A circuit breaker, and whose calls it is on. */
export type Breaker = Context["breakers"][number] & { from: string };

/** All circuit breakers, those first that refuse calls. */
export function breakers(contexts: readonly Context[]): Breaker[] {
  const order: Record<Breaker["state"], number> = { OPEN: 0, HALF_OPEN: 1, CLOSED: 2 };
  return contexts
    .flatMap(({ name, breakers }) => breakers.map((breaker) => ({ ...breaker, from: name })))
    .sort((a, b) => order[a.state] - order[b.state]);
}
