/** What a context is called in front of those who shop. */
export function contextName(context: string): string {
  return names[context] ?? context;
}

const names: Record<string, string> = {
  catalog: "the catalog",
  chronicle: "the order's history",
  customers: "the customer desk",
  fulfillment: "shipping",
  inventory: "the stockroom",
  ordering: "the order desk",
};
