import { useSyncExternalStore } from "react";

import { type Cart, readCart } from "./cart";

const key = "quadrille.cart";
const listeners = new Set<() => void>();

// useSyncExternalStore asks often and compares by identity.
let known: { text: string | null; cart: Cart } = { text: null, cart: readCart(null) };

/** This browser's cart, the same in every tab. */
export function cart(): Cart {
  const text = localStorage.getItem(key);
  if (text !== known.text) {
    known = { text, cart: readCart(text) };
  }
  return known.cart;
}

/** Changes the cart as it is now, which may be another tab's doing. */
export function changeCart(change: (cart: Cart) => Cart) {
  localStorage.setItem(key, JSON.stringify(change(cart())));
  for (const tell of listeners) {
    tell();
  }
}

/** The cart, as of now and of every render after it changes. */
export function useCart(): Cart {
  return useSyncExternalStore(listen, cart);
}

function listen(tell: () => void): () => void {
  const elsewhere = (event: StorageEvent) => {
    if (event.key === key || event.key === null) {
      tell();
    }
  };
  listeners.add(tell);
  window.addEventListener("storage", elsewhere);
  return () => {
    listeners.delete(tell);
    window.removeEventListener("storage", elsewhere);
  };
}
