/** Where there is more about what was done to something. */
export type Place = { to: "saga"; id: string } | { to: "sku"; sku: string };

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const ofSagas = new Set(["order", "return", "step"]);
const ofProducts = new Set(["product", "price", "stock"]);

/** Where there is more about the target of an action: the saga of an order or return, the sagas with a SKU; null if nowhere. */
export function placeOf({ action, target }: { action: string; target: string }): Place | null {
  const kind = action.split(".")[0] ?? "";
  if (ofSagas.has(kind) && uuid.test(target)) {
    return { to: "saga", id: target };
  }
  return ofProducts.has(kind) && target !== "" ? { to: "sku", sku: target } : null;
}
