import { getRouteApi, Link, Navigate, useRouter } from "@tanstack/react-router";
import { useState } from "react";

import { settle } from "../../shared/intent";
import { useSession } from "../../shared/session";
import { buttonClass } from "../../shared/ui";
import { SignedIn } from "../account/SignedIn";
import { type Cart, emptyCart } from "../cart/cart";
import { changeCart, useCart } from "../cart/keep";
import { type Problems, problems, type Refusal } from "../cart/problems";
import { useQuote } from "../cart/quoted";
import { AddressStep } from "./AddressStep";
import styles from "./Checkout.module.css";
import { type Draft, dropDraft, keepDraft, reachable, readDraft, type Step } from "./draft";
import { PaymentStep } from "./PaymentStep";
import { purchase, type Wanted } from "./place";
import { ReviewStep } from "./ReviewStep";
import { Steps } from "./Steps";
import { Summary } from "./Summary";

/** From the cart to an order, in steps that the address names. */
export function Checkout() {
  const cart = useCart();
  const [placed, setPlaced] = useState(false);
  const email = useSession()?.email;
  return (
    <SignedIn>
      <title>Checkout · Quadrille</title>
      {placed ? (
        <>
          <h1>Your order is placed</h1>
          <p role="status">Opening it…</p>
        </>
      ) : cart.lines.length === 0 ? (
        <Empty />
      ) : (
        email !== undefined && <Way key={email} email={email} cart={cart} onPlaced={() => setPlaced(true)} />
      )}
    </SignedIn>
  );
}

function Empty() {
  return (
    <>
      <h1>There is nothing to check out</h1>
      <p>Your cart is empty. If you have just ordered from another tab, the order is among yours.</p>
      <p className={styles.actions}>
        <Link to="/orders" className={buttonClass}>
          Your orders
        </Link>
        <Link to="/" className={buttonClass}>
          Look around the shop
        </Link>
      </p>
    </>
  );
}

/** The steps, and what was said at each. */
function Way({ email, cart, onPlaced }: { email: string; cart: Cart; onPlaced: () => void }) {
  const { step: wanted } = getRouteApi("/checkout").useSearch();
  const router = useRouter();
  const [draft, setDraft] = useState<Draft>(() => readDraft(email));
  const [found, setFound] = useState<Problems | null>(null);
  const quoted = useQuote(cart);
  const step = reachable(wanted, draft);

  function go(to: Step, said: Draft = draft) {
    setDraft(said);
    keepDraft(email, said);
    void router.navigate({ to: "/checkout", search: { step: to } });
  }

  /** Leads to where what is wrong is told. */
  function refuse(refusals: Refusal[], order: Wanted) {
    const { lines, promotionCodes } = order;
    const wrong = problems(refusals, { lines, promotionCodes: promotionCodes ?? [] });
    setFound(wrong);
    if (Object.keys(wrong.address).length > 0) {
      go("address");
    } else if (wrong.card !== null) {
      go("payment");
    }
  }

  function placed(id: string | null) {
    onPlaced();
    settle(purchase(cart));
    dropDraft();
    changeCart(emptyCart);
    void (id === null
      ? router.navigate({ to: "/orders", replace: true })
      : router.navigate({ to: "/orders/$id", params: { id }, replace: true }));
  }

  if (step !== wanted) {
    return <Navigate to="/checkout" search={{ step }} replace />;
  }
  return (
    <div className={styles.page}>
      <Steps step={step} draft={draft} />
      {step === "address" && (
        <AddressStep
          draft={draft}
          wrong={found?.address ?? {}}
          onDone={(address) => {
            setFound(null);
            go(draft.card === undefined ? "payment" : "review", { ...draft, address });
          }}
        />
      )}
      {step === "payment" && (
        <PaymentStep
          draft={draft}
          wrong={found?.card ?? undefined}
          onDone={(card) => {
            setFound(null);
            go("review", { ...draft, card });
          }}
        />
      )}
      {step !== "review" && <Summary cart={cart} quoted={quoted} />}
      {step === "review" && (
        <ReviewStep
          cart={cart}
          quoted={quoted}
          draft={draft}
          found={found}
          onChange={() => setFound(null)}
          onRefused={refuse}
          onPlaced={placed}
        />
      )}
    </div>
  );
}
