import { Link } from "@tanstack/react-router";
import { useRef, useState } from "react";
import { useClient } from "urql";

import { intent } from "../../shared/intent";
import { Button, Notice, troubleText } from "../../shared/ui";
import { AddressLines } from "../address/AddressLines";
import { asked, type Cart, withoutCode, withQuantity } from "../cart/cart";
import { changeCart } from "../cart/keep";
import type { LineProblem, Problems, Refusal } from "../cart/problems";
import type { Quoted } from "../cart/quoted";
import { PlaceOrderDocument } from "../gql/graphql";
import styles from "./Checkout.module.css";
import { card } from "./cards";
import type { Draft } from "./draft";
import { type Outcome, place, purchase, sentFor, type Wanted } from "./place";
import { Summary } from "./Summary";

/** What is about to be ordered, once more; and the order. It is placed once, however often and wherever it is pressed. */
export function ReviewStep({
  cart,
  quoted,
  draft,
  found,
  onChange,
  onRefused,
  onPlaced,
}: {
  cart: Cart;
  quoted: Quoted;
  draft: Draft;
  /** Why it was refused last. */
  found: Problems | null;
  /** Says that something of it is changed. */
  onChange: () => void;
  onRefused: (refusals: Refusal[], order: Wanted) => void;
  /** Says that it is placed; with null if it is another order of the same cart that was. */
  onPlaced: (id: string | null) => void;
}) {
  const client = useClient();
  const [busy, setBusy] = useState(false);
  const [last, setLast] = useState<Outcome["kind"] | null>(() => (sentFor(cart).read() === null ? null : "unknown"));
  const [notNow, setNotNow] = useState<string | null>(null);
  const news = useRef<HTMLDivElement>(null);
  const { address, card: token } = draft;
  if (address === undefined || token === undefined) {
    return null;
  }

  async function order(wanted: Wanted) {
    setBusy(true);
    setNotNow(null);
    const send = (input: Wanted & { idempotencyKey: string }) => client.mutation(PlaceOrderDocument, { input }).toPromise();
    const result = await place(send, intent(purchase(cart)), wanted, sentFor(cart));
    setBusy(false);
    setLast(result.kind);
    switch (result.kind) {
      case "placed":
        return onPlaced(result.id);
      case "other":
        return onPlaced(null);
      case "refused":
        onRefused(result.refusals, wanted);
        break;
      case "not now":
        setNotNow(troubleText(result.trouble));
    }
    news.current?.focus();
  }

  function change(to: (cart: Cart) => Cart) {
    changeCart(to);
    onChange();
  }

  const wrong = found ?? quoted.problems;
  return (
    <>
      <div className={styles.step}>
        <h1>Is everything right?</h1>
        <div ref={news} tabIndex={-1} className={styles.news}>
          {last === "unknown" && !busy && (
            <Notice tone="undo">
              <p>
                <strong>We do not know yet whether your order arrived.</strong> Try again: it will not be charged twice.
              </p>
            </Notice>
          )}
          {notNow !== null && <Notice tone="bad">{notNow}</Notice>}
          {found?.others.map(({ code, text }) => (
            <Notice key={code} tone="bad">
              <p>{text}</p>
            </Notice>
          ))}
          {wrong.codes.map(({ code, text }) => (
            <Notice key={code} tone="bad">
              <p>
                <code>{code}</code>: {text}
              </p>
              <p>
                <Button onClick={() => change((cart) => withoutCode(cart, code))}>Order without it</Button>
              </p>
            </Notice>
          ))}
          {wrong.lines.map((problem) => (
            <Short key={problem.sku} problem={problem} cart={cart} onChange={change} />
          ))}
        </div>
        <div className={styles.review}>
          <section aria-labelledby="review-to">
            <h2 id="review-to">To</h2>
            <AddressLines address={address} />
            <Link to="/checkout" search={{ step: "address" }}>
              Change the address
            </Link>
          </section>
          <section aria-labelledby="review-by">
            <h2 id="review-by">Paid with</h2>
            <p>{card(token)?.name ?? token}</p>
            <Link to="/checkout" search={{ step: "payment" }}>
              Change the card
            </Link>
          </section>
        </div>
      </div>
      <Summary cart={cart} quoted={quoted}>
        <Button
          tone="main"
          busy={busy}
          // Nobody orders without knowing what it costs; once sent, it has been seen.
          disabled={quoted.quote === null && last !== "unknown"}
          onClick={() =>
            void order({
              ...asked(cart),
              shippingAddress: address,
              payment: { card: { token } },
              refuseIfOutOfStock: true,
            })
          }
        >
          {busy ? "Placing your order…" : last === "unknown" ? "Try again" : "Place the order"}
        </Button>
      </Summary>
    </>
  );
}

/** A line that cannot be had as it is, and the ways on. */
function Short({
  problem: { sku, text, take },
  cart,
  onChange,
}: {
  problem: LineProblem;
  cart: Cart;
  onChange: (to: (cart: Cart) => Cart) => void;
}) {
  const name = cart.lines.find((line) => line.sku === sku)?.name ?? sku;
  return (
    <Notice tone="bad">
      <p>
        <strong>{name}.</strong> {text}
      </p>
      <p className={styles.actions}>
        {take !== null && <Button onClick={() => onChange((cart) => withQuantity(cart, sku, take))}>Take {take}</Button>}
        <Button onClick={() => onChange((cart) => withQuantity(cart, sku, 0))}>Order without it</Button>
      </p>
    </Notice>
  );
}
