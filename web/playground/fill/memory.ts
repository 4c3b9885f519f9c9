/** An order, as far as later tabs need it. */
export type Placed = {
  id: string;
  /** The number that people know it by. */
  number: string;
  /** A SKU of it. */
  sku: string;
  /** Who placed it: the subject of the token. */
  by: string;
};

/** What answers have told that later tabs need. */
export type Memory = {
  /** Of a product of which there is some. */
  sku: string | null;
  /** The order that was placed last. */
  order: Placed | null;
};

export const nothing: Memory = { sku: null, order: null };

/** A tab was run. */
export type Run = {
  variables: unknown;
  /** The answer's data. */
  data: unknown;
  /** Who asked: the subject of the token; null if nobody has signed in. */
  by: string | null;
};

type Bag = Record<string, unknown>;

/** What is remembered after a run, if it was of operations as the tabs have them; other answers teach nothing. */
export function learn(memory: Memory, { variables, data, by }: Run): Memory {
  const sku = inStock(list(at(data, "products", "edges"))) ?? memory.sku;
  const id = at(data, "placeOrder", "order", "id");
  const number = at(data, "placeOrder", "order", "number");
  const ordered = at(list(at(variables, "input", "lines"))[0], "sku");
  const order =
    typeof id === "string" && typeof number === "string" && typeof ordered === "string" && by !== null
      ? { id, number, sku: ordered, by }
      : memory.order;
  return sku === memory.sku && order === memory.order ? memory : { sku, order };
}

/** The SKU of the first product of which an order of a few can be fulfilled. */
export function inStock(edges: unknown[]): string | null {
  for (const edge of edges) {
    const sku = at(edge, "node", "sku");
    const available = at(edge, "node", "availability", "available");
    if (typeof sku === "string" && typeof available === "number" && available >= 10) {
      return sku;
    }
  }
  return null;
}

function at(value: unknown, ...path: string[]): unknown {
  return path.reduce<unknown>(
    (value, key) => (typeof value === "object" && value !== null ? (value as Bag)[key] : undefined),
    value,
  );
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}
