import { duration } from "../live/duration";

/** How long, as exactly as it matters: 7 ms, 1.2 s, 3 min 12 s, 2 h 5 min. */
export function span(ms: number): string {
  const long = Math.max(0, ms);
  if (long < 999.5) {
    return `${Math.round(long)} ms`;
  }
  if (long < 59_950) {
    return `${(long / 1000).toFixed(1)} s`;
  }
  return duration(long / 1000);
}

/** How long after the first of all, in little room: +7 ms, +12.33 s, +3:12, +2:05:10. */
export function offset(ms: number): string {
  if (ms < 999.5) {
    return `+${Math.max(0, Math.round(ms))} ms`;
  }
  if (ms < 59_995) {
    return `+${(ms / 1000).toFixed(2)} s`;
  }
  const seconds = Math.round(ms / 1000);
  const days = Math.floor(seconds / 86_400);
  const hours = Math.floor(seconds / 3600) % 24;
  const two = (count: number) => String(count).padStart(2, "0");
  const minutes = Math.floor(seconds / 60) % 60;
  const clock = hours > 0 || days > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
  return `+${days > 0 ? `${days} d ` : ""}${clock}`;
}
