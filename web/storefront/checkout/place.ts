import type { CombinedError } from "urql";

import { type Trouble, trouble } from "../../shared/trouble";
import type { Cart } from "../cart/cart";
import type { Refusal } from "../cart/problems";
import type { PlaceOrderInput } from "../gql/graphql";

/** An order as somebody wants it. */
export type Wanted = Omit<PlaceOrderInput, "idempotencyKey">;

/** What the gateway answers to an order. */
export type Answer = {
  data?: { placeOrder: { order?: { id: string } | null; userErrors: Refusal[] } } | null | undefined;
  error?: CombinedError | undefined;
};

/** What became of an order that was sent. */
export type Outcome =
  | { kind: "placed"; id: string }
  /** Nothing was stored, and why. */
  | { kind: "refused"; refusals: Refusal[] }
  /** Nothing was stored, for no fault of the order. */
  | { kind: "not now"; trouble: Trouble }
  /** The answer was lost. The order may have been placed. */
  | { kind: "unknown" }
  /** Another order was placed under the same key. */
  | { kind: "other" };

/** What an answer says of an order. */
export function outcome({ data, error }: Answer): Outcome {
  const answer = data?.placeOrder;
  if (answer?.order) {
    return { kind: "placed", id: answer.order.id };
  }
  if (answer?.userErrors.some(({ code }) => code === "IDEMPOTENCY_CONFLICT")) {
    return { kind: "other" };
  }
  if (answer && answer.userErrors.length > 0) {
    return { kind: "refused", refusals: answer.userErrors };
  }
  const went = trouble(error);
  switch (went?.kind) {
    case "signed out":
    case "forbidden":
    case "too fast":
      return { kind: "not now", trouble: went };
    default:
      return { kind: "unknown" };
  }
}

/** Remembers the order that was sent first and of which nobody knows whether it was placed. */
export type Sent = { read: () => Wanted | null; keep: (wanted: Wanted | null) => void };

/**
 * Sends an order under the one key of its purchase: of all that is sent under it, changed or not, one at most is placed. If that is an
 * earlier one whose answer was lost, it is the outcome.
 */
export async function place(
  send: (input: PlaceOrderInput) => Promise<Answer>,
  idempotencyKey: string,
  wanted: Wanted,
  sent: Sent,
): Promise<Outcome> {
  const earlier = sent.read();
  if (earlier === null) {
    sent.keep(wanted);
  }
  let result = outcome(await send({ ...wanted, idempotencyKey }));
  if (result.kind === "other" && earlier !== null) {
    // It is placed, so sending it again only asks for it.
    result = outcome(await send({ ...earlier, idempotencyKey }));
  }
  if (result.kind === "placed" || result.kind === "other" || (earlier === null && result.kind !== "unknown")) {
    sent.keep(null);
  }
  return result;
}

/** The name of the intent to buy what is in a cart: one for as long as it is the same purchase, so that it is bought once. */
export function purchase(cart: Cart): string {
  return `order of cart ${cart.id}`;
}

/** Remembers for a cart what was sent, in every tab and through reloads. */
export function sentFor(cart: Cart): Sent {
  const key = `quadrille.sent.${cart.id}`;
  return {
    read: () => JSON.parse(localStorage.getItem(key) ?? "null") as Wanted | null,
    keep: (wanted) => (wanted === null ? localStorage.removeItem(key) : localStorage.setItem(key, JSON.stringify(wanted))),
  };
}
