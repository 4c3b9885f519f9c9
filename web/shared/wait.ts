/** Waits before another try: not long at first, for a gateway that is replaced; then at most ten seconds, and not all browsers at once. */
export function wait(tries: number): Promise<void> {
  return new Promise((done) => setTimeout(done, Math.min(10_000, 250 * 2 ** tries) * (0.5 + Math.random())));
}
