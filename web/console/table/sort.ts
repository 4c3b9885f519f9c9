/** What rows can be put in order by. What is not known comes last, whichever way. */
export type Sortable = string | number | null | undefined;

/** By which column, and which way. */
export type Sorting = { column: string; down: boolean };

const words = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

/** The rows in order; those that are equal stay as they were. */
export function sorted<Row>(rows: readonly Row[], of: (row: Row) => Sortable, down: boolean): Row[] {
  return [...rows].sort((a, b) => {
    const [left, right] = [of(a) ?? null, of(b) ?? null];
    if (left === null || right === null) {
      return Number(left === null) - Number(right === null);
    }
    const order = typeof left === "number" && typeof right === "number" ? left - right : words.compare(`${left}`, `${right}`);
    return down ? -order : order;
  });
}

/** What a press on a column's head makes of the order: up, then down, then as it was given. */
export function pressed(before: Sorting | null, column: string): Sorting | null {
  if (before?.column !== column) {
    return { column, down: false };
  }
  return before.down ? null : { column, down: true };
}

/** Whether all words that somebody types are somewhere in the texts, in any case. */
export function matches(typed: string, texts: readonly (string | null | undefined)[]): boolean {
  const text = texts.join(" ").toLowerCase();
  return typed
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}
