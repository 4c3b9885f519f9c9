import type { RetryParkedMutation } from "../gql/graphql";

type Answer = NonNullable<RetryParkedMutation["retryParkedMessages"]>;

/** What became of having messages tried again. */
export type Outcome = {
  isDry: boolean;
  retried: number;
  failed: Pick<Answer["failed"][number], "id" | "error">[];
  refusals: string[];
};

/** What became of several requests together. Null stands for one that was not answered. */
export function outcome(isDry: boolean, answers: readonly (Pick<Answer, "retried" | "failed" | "userErrors"> | null)[]): Outcome {
  const heard = answers.filter((answer) => answer !== null);
  return {
    isDry,
    retried: heard.reduce((sum, { retried }) => sum + retried, 0),
    failed: heard.flatMap(({ failed }) => failed),
    refusals: [...new Set(heard.flatMap(({ userErrors }) => userErrors.map(({ message }) => message)))],
  };
}

/** Whether nothing was said of any message: those who were asked did not answer. */
export function isNothing({ retried, failed, refusals }: Outcome): boolean {
  return retried === 0 && failed.length === 0 && refusals.length === 0;
}

/** The outcome, in a sentence. */
export function told({ isDry, retried, failed }: Outcome): string {
  const [done, tried] = [counted(retried), counted(failed.length)];
  if (isDry) {
    return failed.length === 0
      ? `${done} would be tried again. Nothing was changed.`
      : `${done} would be tried again, ${tried} would not. Nothing was changed.`;
  }
  if (failed.length === 0) {
    return `${done} handled, or waiting only for those before ${retried === 1 ? "it" : "them"}.`;
  }
  return retried === 0 ? `${tried} could not be handled.` : `${done} handled, ${tried} could not be handled.`;
}

/** So many messages. */
export function counted(count: number): string {
  return `${count.toLocaleString("en-GB")} ${count === 1 ? "message" : "messages"}`;
}
