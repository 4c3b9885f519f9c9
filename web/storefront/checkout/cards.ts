/** A card of the payment provider's sandbox. */
export type Card = { token: string; name: string; does: string };

/** The cards that can be chosen, and what each does. No real card can be used. */
export const cards: Card[] = [
  { token: "pm_card_visa", name: "Visa", does: "Pays." },
  {
    token: "pm_card_chargeDeclined",
    name: "Visa, declined",
    does: "Is declined: the order is cancelled, and nothing is charged.",
  },
  {
    token: "pm_card_flaky",
    name: "Visa, with a bad line",
    does: "Does not answer twice, then pays. You are still charged once.",
  },
  {
    token: "pm_card_refundFail",
    name: "Visa, cannot be refunded",
    does: "Pays, but takes no money back: a refund waits for an operator.",
  },
];

/** A card by its token. */
export function card(token: string | undefined): Card | undefined {
  return cards.find((card) => card.token === token);
}
