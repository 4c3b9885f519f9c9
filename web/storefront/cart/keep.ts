import { useSyncExternalStore } from "react";

import { kept } from "../../shared/kept";
import { type Cart, readCart } from "./cart";

const { now, keep, listen } = kept("quadrille.cart", readCart);

/** Changes the cart as it is now, which may be another tab's doing. */
export function changeCart(change: (cart: Cart) => Cart) {
  keep(change(now()));
}

/** The cart, as of now and of every render after it changes. */
export function useCart(): Cart {
  return useSyncExternalStore(listen, now);
}
