import type { Arrow, Sort } from "./arrows";

export const width = 920;
export const height = 620;
const node = { width: 132, height: 44 };
const gap = 3;

type Point = { x: number; y: number };

/** A context's place: its middle. */
export type Node = Point & { name: string };

/** An arrow's way, and where there is room to write about it. */
export type Drawn = Arrow & { path: string; label: Point };

// Arrows between the same two run beside each other, each direction on its own side.
const bows: Record<Sort, number> = { fact: 16, undo: 40, command: 64 };

/** The contexts on an ellipse, from its top on clockwise. */
export function nodes(contexts: readonly string[]): Node[] {
  return contexts.map((name, at) => {
    const angle = (at / contexts.length) * 2 * Math.PI - Math.PI / 2;
    return {
      name,
      x: round(width / 2 + (width / 2 - node.width / 2 - 8) * Math.cos(angle)),
      y: round(height / 2 + (height / 2 - node.height / 2 - 12) * Math.sin(angle)),
    };
  });
}

/** The arrows between the contexts; what goes to a context that is not there, or to oneself, is not drawn. */
export function drawn(arrows: readonly Arrow[], nodes: readonly Node[]): Drawn[] {
  return arrows.flatMap((arrow) => {
    const from = nodes.find(({ name }) => name === arrow.from);
    const to = nodes.find(({ name }) => name === arrow.to);
    return from === undefined || to === undefined || from === to ? [] : [{ ...arrow, ...way(from, to, bows[arrow.sort]) }];
  });
}

/** A curve from one node's edge to another's, that leaves the straight line to the left of who walks it. */
function way(from: Node, to: Node, bow: number): { path: string; label: Point } {
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const long = Math.hypot(dx, dy);
  const bend = { x: (from.x + to.x) / 2 + (dy / long) * bow * 2, y: (from.y + to.y) / 2 - (dx / long) * bow * 2 };
  const start = edge(from, bend);
  const end = edge(to, bend);
  const label = { x: (start.x + 2 * bend.x + end.x) / 4, y: (start.y + 2 * bend.y + end.y) / 4 };
  return {
    path: `M${round(start.x)} ${round(start.y)} Q${round(bend.x)} ${round(bend.y)} ${round(end.x)} ${round(end.y)}`,
    label: { x: round(label.x), y: round(label.y) },
  };
}

/** Where the line from a node's middle to a point leaves the node. */
function edge(from: Node, to: Point): Point {
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const scale = Math.min(
    dx === 0 ? Number.POSITIVE_INFINITY : (node.width / 2 + gap) / Math.abs(dx),
    dy === 0 ? Number.POSITIVE_INFINITY : (node.height / 2 + gap) / Math.abs(dy),
  );
  return { x: from.x + dx * scale, y: from.y + dy * scale };
}

function round(n: number): number {
  return Math.round(n * 10) / 10;
}
