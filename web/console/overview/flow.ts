/** How many facts a second there were, at a moment. */
export type Sample = { at: number; perSecond: number };

/** How long samples are kept. */
export const keptMs = 5 * 60_000;

/** What flowed within the last minute, of all kinds that are counted; null if none is, for nobody knows. */
export function lastMinute(facts: readonly { lastMinute?: number | null | undefined }[]): number | null {
  const counted = facts.flatMap(({ lastMinute }) => (typeof lastMinute === "number" ? [lastMinute] : []));
  return counted.length === 0 ? null : counted.reduce((sum, count) => sum + count, 0);
}

/** The samples with one more, without those that are too old. A moment has one sample. */
export function sampled(samples: readonly Sample[], next: Sample): Sample[] {
  return [...samples.filter(({ at }) => at < next.at && at > next.at - keptMs), next];
}

/** The samples as the points of a line in a box, the latest at its right end. Without any flow it runs along the bottom. */
export function line(samples: readonly Sample[], width: number, height: number): string {
  const last = samples.at(-1)?.at ?? 0;
  const span = Math.max(60_000, last - (samples[0]?.at ?? last));
  const most = Math.max(...samples.map(({ perSecond }) => perSecond), 0.1);
  return samples
    .map(({ at, perSecond }) => `${round(width - ((last - at) / span) * width)},${round(height - (perSecond / most) * height)}`)
    .join(" ");
}

function round(n: number): number {
  return Math.round(n * 10) / 10;
}
