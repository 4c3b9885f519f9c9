/** A line of a text, or of what it was before. */
export type Line = { sort: "same" | "gone" | "new"; text: string };

/** What became of a text, line by line: as many lines as possible are the same; what is gone stands before what is new. */
export function diff(before: string, after: string): Line[] {
  const [old, young] = [before.split("\n"), after.split("\n")];
  const common = longest(old, young);
  const lines: Line[] = [];
  let [i, j] = [0, 0];
  while (i < old.length || j < young.length) {
    const [left, right] = [old[i], young[j]];
    if (left !== undefined && left === right) {
      lines.push({ sort: "same", text: left });
      i++;
      j++;
    } else if (left !== undefined && (right === undefined || at(common, i + 1, j) >= at(common, i, j + 1))) {
      lines.push({ sort: "gone", text: left });
      i++;
    } else {
      lines.push({ sort: "new", text: right ?? "" });
      j++;
    }
  }
  return lines;
}

/** Whether nothing is gone or new. */
export function isSame(lines: readonly Line[]): boolean {
  return lines.every(({ sort }) => sort === "same");
}

/** How many lines two texts can have in common, from a line of each on. */
function longest(old: string[], young: string[]): number[][] {
  const common = Array.from({ length: old.length + 1 }, () => new Array<number>(young.length + 1).fill(0));
  for (let i = old.length - 1; i >= 0; i--) {
    for (let j = young.length - 1; j >= 0; j--) {
      const row = common[i];
      if (row !== undefined) {
        row[j] = old[i] === young[j] ? at(common, i + 1, j + 1) + 1 : Math.max(at(common, i + 1, j), at(common, i, j + 1));
      }
    }
  }
  return common;
}

function at(common: number[][], i: number, j: number): number {
  return common[i]?.[j] ?? 0;
}

/** So many lines in a row that are the same, and left out. */
export type Gap = { sort: "gap"; count: number };

/** The lines that are gone or new, each with a few around it; gaps of one line are not worth leaving out. */
export function brief(lines: readonly Line[], around = 2): (Line | Gap)[] {
  const isNear = (at: number) => lines.slice(Math.max(0, at - around), at + around + 1).some(({ sort }) => sort !== "same");
  const short: (Line | Gap)[] = [];
  lines.forEach((line, at) => {
    const last = short.at(-1);
    if (isNear(at) || (isNear(at - 1) && isNear(at + 1))) {
      short.push(line);
    } else if (last?.sort === "gap") {
      last.count++;
    } else {
      short.push({ sort: "gap", count: 1 });
    }
  });
  return short;
}
