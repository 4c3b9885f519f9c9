const control = process.env.QUADRILLE_CONTROL ?? "";

/** The parts of the system that a test can take away. */
export type Program =
  | "catalog"
  | "customers"
  | "pricing"
  | "inventory"
  | "ordering"
  | "billing"
  | "fulfillment"
  | "chronicle"
  | "gateway"
  | "provider"
  | "carrier";

async function post(path: string): Promise<void> {
  const response = await fetch(`${control}${path}`, { method: "POST" });
  if (!response.ok) {
    throw new Error(`${path}: ${await response.text()}`);
  }
}

/** Kills a program, which stays down until it is restarted. */
export const halt = (program: Program) => post(`/programs/${program}/halt`);

/** Starts a program, which was ended in good order if it ran, and waits until it is ready. */
export const restart = (program: Program) => post(`/programs/${program}/restart`);

/** Freezes a program: it takes connections, and says nothing. */
export const pause = (program: Program) => post(`/programs/${program}/pause`);

/** Lets a frozen program go on. */
export const resume = (program: Program) => post(`/programs/${program}/resume`);

/** Has billing hear something about an order that it cannot read. Inventory is halted meanwhile. */
export const spoil = (order: string) => post(`/orders/${order}/spoilt`);

/** An entry of the payment provider's own ledger. */
export type Entry = { kind: "charge" | "refund"; order_id: string; amount: number };

/** What the payment provider has in its ledger about an order. */
export async function ledger(order: string): Promise<Entry[]> {
  const response = await fetch(`${process.env.PROVIDER_URL}/v1/ledger?order_id=${order}`);
  const { entries } = (await response.json()) as { entries: Entry[] };
  return entries.filter(({ order_id }) => order_id === order);
}
