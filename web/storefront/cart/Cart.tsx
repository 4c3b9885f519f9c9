import { Link } from "@tanstack/react-router";
import { useRef } from "react";
import { useQuery } from "urql";

import { money } from "../../shared/money";
import { away, trouble } from "../../shared/trouble";
import { buttonClass, Notice } from "../../shared/ui";
import { useAgain } from "../goods/again";
import { CartProductsDocument, type CartProductsQuery } from "../gql/graphql";
import styles from "./Cart.module.css";
import { Codes } from "./Codes";
import { type Cart as Kept, withQuantity } from "./cart";
import { changeCart, useCart } from "./keep";
import { Line } from "./Line";
import { type Quoted, useQuote } from "./quoted";
import { Totals } from "./Totals";

/** What somebody is about to buy, what it costs now, and what of it cannot be had. */
export function Cart() {
  const cart = useCart();
  const quoted = useQuote(cart);
  const heading = useRef<HTMLHeadingElement>(null);
  return (
    <>
      <title>Your cart · Quadrille</title>
      <h1 ref={heading} tabIndex={-1}>
        Your cart
      </h1>
      {cart.lines.length === 0 ? (
        <Empty />
      ) : (
        <div className={styles.page}>
          <Lines
            cart={cart}
            quoted={quoted}
            onRemove={(sku) => {
              changeCart((cart) => withQuantity(cart, sku, 0));
              // What was pressed is gone.
              heading.current?.focus();
            }}
          />
          <section className={styles.sum} aria-label="What it costs">
            <Codes cart={cart} problems={quoted.problems.codes} />
            <Totals quoted={quoted} />
            <Link to="/checkout" className={buttonClass} data-tone="main">
              Go to checkout
            </Link>
          </section>
        </div>
      )}
    </>
  );
}

function Empty() {
  return (
    <div className={styles.empty}>
      <p>There is nothing in it. What you put in stays here, also when you come back another day.</p>
      <p>
        <Link to="/" className={buttonClass}>
          Look around the shop
        </Link>
      </p>
    </div>
  );
}

/** How many products the gateway answers at once. */
const atOnce = 100;

function Lines({ cart, quoted, onRemove }: { cart: Kept; quoted: Quoted; onRemove: (sku: string) => void }) {
  const [{ data, error, fetching }, refetch] = useQuery({
    query: CartProductsDocument,
    variables: { ids: cart.lines.slice(0, atOnce).map(({ id }) => id) },
    requestPolicy: "cache-and-network",
  });
  const went = trouble(error);
  useAgain(went, refetch);
  const silent = away(error);
  const products = new Map(data?.nodes.filter((node) => isProduct(node)).map((node) => [node.id, node]));
  return (
    <section aria-label="What is in it" className={styles.things}>
      {silent.includes("catalog") && (
        <Notice tone="undo">
          <p>The catalog does not answer at the moment. This is what you put in, as it was called then.</p>
        </Notice>
      )}
      <ul className={styles.lines}>
        {cart.lines.map((line) => (
          <Line
            key={line.sku}
            line={line}
            product={products.get(line.id)}
            away={products.has(line.id) ? silent : fetching && went === null ? null : ["inventory", ...silent]}
            total={lineTotal(quoted, line.sku)}
            problem={quoted.problems.lines.find(({ sku }) => sku === line.sku)}
            onRemove={() => onRemove(line.sku)}
          />
        ))}
      </ul>
    </section>
  );
}

type Node = NonNullable<CartProductsQuery["nodes"][number]>;

function isProduct(node: Node | null): node is Extract<Node, { __typename: "Product" }> {
  return node?.__typename === "Product";
}

function lineTotal({ quote }: Quoted, sku: string): string | null {
  const line = quote?.lines.find((line) => line.sku === sku);
  return line ? money(line.lineTotal) : null;
}
