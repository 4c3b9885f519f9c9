import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";

import { money } from "../../shared/money";
import type { Cart } from "../cart/cart";
import type { Quoted } from "../cart/quoted";
import { Totals } from "../cart/Totals";
import { Drawing } from "../goods/Drawing";
import styles from "./Checkout.module.css";

/** What is about to be ordered and what it costs; below it what is done about that. */
export function Summary({ cart, quoted, children }: { cart: Cart; quoted: Quoted; children?: ReactNode }) {
  return (
    <section className={styles.summary} aria-labelledby="summary">
      <h2 id="summary">What you get</h2>
      <ul className={styles.lines}>
        {cart.lines.map(({ sku, name, category, quantity }) => {
          const line = quoted.quote?.lines.find((line) => line.sku === sku);
          return (
            <li key={sku}>
              <Drawing name={name} category={category} />
              <span>
                {quantity} × {name}
              </span>
              <span>{line && money(line.lineTotal)}</span>
            </li>
          );
        })}
      </ul>
      <p>
        <Link to="/cart">Change the cart</Link>
      </p>
      <Totals quoted={quoted} />
      {children}
    </section>
  );
}
