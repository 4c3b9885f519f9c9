/** What somebody is about to buy. */
export type Cart = {
  /** The same for as long as it is the same purchase: from the first thing put in until an order is placed or all is taken out. */
  id: string;
  lines: CartLine[];
  /** Promotion codes, in capitals. */
  codes: string[];
};

/** A product in the cart, with what a page can show of it while the catalog does not answer. */
export type CartLine = Item & { quantity: number };

/** A product that can be put into a cart. */
export type Item = { id: string; sku: string; name: string; category: string };

/** How many of a product an order takes. */
export const most = 10_000;

/** A cart with nothing in it. */
export function emptyCart(): Cart {
  return { id: crypto.randomUUID(), lines: [], codes: [] };
}

/** With more of a product. */
export function withMore(cart: Cart, { id, sku, name, category }: Item, quantity: number): Cart {
  const old = cart.lines.find((line) => line.sku === sku);
  const line: CartLine = { id, sku, name, category, quantity: Math.min(most, (old?.quantity ?? 0) + quantity) };
  return {
    ...cart,
    lines: old === undefined ? [...cart.lines, line] : cart.lines.map((other) => (other === old ? line : other)),
  };
}

/** With so many of a product; none of it takes it out, and with the last of them the codes go: it is another purchase then. */
export function withQuantity(cart: Cart, sku: string, quantity: number): Cart {
  const lines = cart.lines
    .map((line) => (line.sku === sku ? { ...line, quantity: Math.min(most, quantity) } : line))
    .filter((line) => line.quantity > 0);
  return lines.length === 0 ? emptyCart() : { ...cart, lines };
}

/** With a promotion code. */
export function withCode(cart: Cart, code: string): Cart {
  const said = code.trim().toUpperCase();
  return said === "" || cart.codes.includes(said) ? cart : { ...cart, codes: [...cart.codes, said] };
}

/** Without a promotion code. */
export function withoutCode(cart: Cart, code: string): Cart {
  return { ...cart, codes: cart.codes.filter((other) => other !== code) };
}

/** How many things are in it. */
export function count({ lines }: Cart): number {
  return lines.reduce((sum, { quantity }) => sum + quantity, 0);
}

/** What the gateway is asked about it. */
export function asked({ lines, codes }: Cart) {
  return { lines: lines.map(({ sku, quantity }) => ({ sku, quantity })), promotionCodes: codes };
}

/** Reads a cart that was kept; what makes no sense is left out, for it must never keep a page from showing. */
export function readCart(text: string | null): Cart {
  try {
    const { id, lines, codes } = JSON.parse(text ?? "") as Cart;
    const cart = { id, lines: lines.filter(isLine), codes: codes.filter((code) => typeof code === "string") };
    return typeof id === "string" && cart.lines.length > 0 ? cart : emptyCart();
  } catch {
    return emptyCart();
  }
}

function isLine({ id, sku, name, category, quantity }: CartLine): boolean {
  const told = [id, sku, name, category].every((text) => typeof text === "string");
  return told && Number.isInteger(quantity) && quantity > 0 && quantity <= most;
}
