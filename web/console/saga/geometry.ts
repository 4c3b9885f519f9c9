/** Where things are from left to right, in pixels. */
export type Place = {
  /** The width of the margin in which times stand. */
  gutter: number;
  x: (lane: number) => number;
};

const margin = 8;

/** Spreads lanes over a width. */
export function placed(width: number, lanes: number): Place {
  const gutter = width < 560 ? 70 : 96;
  return { gutter, x: (lane) => Math.round(gutter + ((width - gutter - margin) * (lane + 0.5)) / Math.max(1, lanes)) };
}

/** About how wide a text is. */
export function widthOf(text: string): number {
  return text.length * 8;
}

/** A text as long as there is room for. */
export function fitted(text: string, room: number): string {
  const letters = Math.floor(room / 6.6);
  return text.length <= letters ? text : `${text.slice(0, Math.max(1, letters - 1)).trimEnd()}…`;
}

/** On which side of a lane a text has room: the right, if it has. */
export function sideFor(text: string, x: number, width: number): "start" | "end" {
  return x + 12 + widthOf(text) <= width - 4 ? "start" : "end";
}
