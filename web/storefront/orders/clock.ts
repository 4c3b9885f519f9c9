const time = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const precisely = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const day = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "long", year: "numeric" });

/** The time of a moment where the reader is: 14:32. */
export function clock(at: string): string {
  return time.format(new Date(at));
}

/** The same, to the second. */
export function clockToTheSecond(at: string): string {
  return precisely.format(new Date(at));
}

/** The day of a moment where the reader is: 26 November 2026. */
export function dayOf(at: string): string {
  return day.format(new Date(at));
}
