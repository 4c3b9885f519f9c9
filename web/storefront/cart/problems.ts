import type { UserErrorCode } from "../gql/graphql";

/** Why an order is refused, as the gateway says it. */
export type Refusal = { code: UserErrorCode; message: string; path: string[]; available?: number };

/** A line that cannot be ordered as it is. */
export type LineProblem = {
  sku: string;
  text: string;
  /** So many could be had; null if taking fewer does not help. */
  take: number | null;
};

/** What stands between a cart and an order, by where it is told. */
export type Problems = {
  lines: LineProblem[];
  /** Promotion codes that are not good, and why. */
  codes: { code: string; text: string }[];
  /** Of the address, by field. */
  address: Record<string, string>;
  /** Of the card; null if nothing. */
  card: string | null;
  /** All else. */
  others: { code: UserErrorCode; text: string }[];
};

/** Sorts refusals by where they belong: a path leads into what was asked. */
export function problems(refusals: Refusal[], asked: { lines: { sku: string }[]; promotionCodes: string[] }): Problems {
  const found: Problems = { lines: [], codes: [], address: {}, card: null, others: [] };
  for (const refusal of refusals) {
    const [part, index] = refusal.path;
    const sku = part === "lines" ? asked.lines[Number(index)]?.sku : undefined;
    const code = part === "promotionCodes" ? asked.promotionCodes[Number(index)] : undefined;
    if (sku !== undefined) {
      found.lines.push({ sku, text: lineText(refusal), take: refusal.available || null });
    } else if (code !== undefined) {
      found.codes.push({ code, text: refusal.code === "UNKNOWN_PROMOTION" ? "This code is not good now." : refusal.message });
    } else if (part === "shippingAddress" && index !== undefined) {
      found.address[index] = refusal.message;
    } else if (part === "payment") {
      found.card = "The payment provider cannot use this card. Choose another.";
    } else {
      found.others.push({ code: refusal.code, text: text(refusal, asked.promotionCodes.length > 0) });
    }
  }
  return found;
}

function lineText({ code, message, available }: Refusal): string {
  switch (code) {
    case "UNKNOWN_PRODUCT":
      return "This is not sold any more.";
    case "UNPRICED_PRODUCT":
      return "This has no price yet, so it cannot be ordered.";
    case "OUT_OF_STOCK":
      return available ? `There are only ${available} left.` : "This is out of stock.";
    default:
      return message;
  }
}

function text({ code, message }: Refusal, withCodes: boolean): string {
  if (code !== "PRICE_UNAVAILABLE") {
    return message;
  }
  return withCodes
    ? "Promotion codes cannot be checked at the moment. Take the code off to go on, or try again soon."
    : "Prices cannot be confirmed at the moment. Nothing is lost: your cart is kept. Try again soon.";
}
