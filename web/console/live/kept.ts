/**
 * What is known after an answer. Parts that are missing in it were not to be had, if anything went wrong: what was known of them stays.
 */
export function kept<Data extends object>(before: Data | null, answer: Data | null | undefined, whole: boolean): Data | null {
  if (answer === null || answer === undefined) {
    return before;
  }
  if (before === null || whole) {
    return answer;
  }
  const after = { ...before };
  for (const part of Object.keys(answer) as (keyof Data)[]) {
    if (answer[part] !== null) {
      after[part] = answer[part];
    }
  }
  return after;
}
