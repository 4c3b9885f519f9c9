import { money } from "../../shared/money";
import type { Tone } from "../../shared/ui";
import type { CancellationReason, FactPartsFragment } from "../gql/graphql";
import type { Known } from "./known";
import { heard, type Standing, standing } from "./standing";

/** What there is to tell of an order now. */
export type Story = {
  tone: Tone;
  headline: string;
  /** Whole sentences. */
  sentences: string[];
  /** Who has to do what next: "billing to charge your card"; null when nothing is waited for. */
  waitsFor: string | null;
  /** By when, as RFC 3339, and what happens if it is not done then. */
  until: { at: string; otherwise: string } | null;
};

/** Tells how an order stands. Null as long as nothing is known of it. */
export function tellOrder(known: Known): Story | null {
  if (known.order === null && known.saga === null) {
    return null;
  }
  const how = standing(known);
  const slow = how.stuck
    ? ["This takes longer than it should. We are looking into it.", ...(how.cancellable ? ["You can still cancel."] : [])]
    : [];
  const story = stories[how.phase](known, how);
  return { ...story, sentences: [...slow, ...story.sentences], waitsFor: waitsFor(known), until: until(known, how) };
}

type Told = Pick<Story, "tone" | "headline" | "sentences">;

const stories: Record<Standing["phase"], (known: Known, how: Standing) => Told> = {
  open: (known) => ({ tone: "main", ...underWay(known) }),
  fulfilled: (known) =>
    known.order?.shipment || known.saga
      ? {
          tone: "main",
          headline: "Packed and ready to go",
          sentences: [`Everything came together. Your parcel is being handed to ${carrier(known)}.`],
        }
      : { tone: "main", headline: "Your order is confirmed", sentences: [unclear(known) ?? "It will be sent."] },
  sent: (known) => ({ tone: "good", headline: "On its way to you", sentences: [`${capital(carrier(known))} has your parcel.`] }),
  delivered: (known) => ({
    tone: "good",
    headline: "Delivered",
    sentences: [`${capital(carrier(known))} has brought your parcel.`],
  }),
  undoing: (known, how) => ({ tone: "undo", headline: headline(how.reason), sentences: undone(known, how, "is") }),
  undone: (known, how) => ({ tone: "undo", headline: headline(how.reason), sentences: undone(known, how, "was") }),
};

function underWay(known: Known): Omit<Told, "tone"> {
  const step = known.saga?.steps.find(({ name, state }) => state === "RUNNING" && name !== "invoice")?.name ?? stepOfParts(known);
  const attempts = known.order?.payment?.attempts ?? 0;
  switch (step) {
    case "reserve":
      return { headline: "Setting your items aside", sentences: ["The stockroom is looking whether everything is there."] };
    case "charge":
      return {
        headline: "Taking the payment",
        sentences: [
          `Your items are set aside. Billing is asking your bank${known.order === null ? "" : ` for ${amount(known)}`}.`,
          ...(attempts > 1 ? [`It has asked ${attempts} times by now; however often, your card is charged once.`] : []),
        ],
      };
    case "arrange":
      return {
        headline: "Booking the carrier",
        sentences: ["It is paid. Shipping is looking for a carrier who delivers to you."],
      };
    case "deduct":
    case "fulfil":
      return {
        headline: "Packing your order",
        sentences: [`${capital(carrier(known))} is booked. Your items are leaving the shelf.`],
      };
    default:
      return { headline: "We have your order", sentences: [unclear(known) ?? "It starts in a moment."] };
  }
}

/** Says so if those who could tell how far an order has come have not answered; null if they have. */
function unclear({ whole, away }: Known): string | null {
  if (!whole) {
    return "We are asking how far it has come.";
  }
  return away.length > 0 ? "How far it has come is not known at the moment." : null;
}

/** What is done now, from what each context says of itself. */
function stepOfParts({ order }: Known): string | null {
  switch (order?.shipment?.status) {
    case "BOOKING":
      return "arrange";
    case "ARRANGED":
      return "deduct";
  }
  switch (order?.payment?.status) {
    case "CAPTURED":
      return "arrange";
    case "CHARGING":
      return "charge";
  }
  return order?.reservation?.status === "RESERVED" ? "charge" : null;
}

const headlines: Record<CancellationReason, string> = {
  OUT_OF_STOCK: "There was not enough in stock",
  PAYMENT_DECLINED: "Your card was declined",
  SHIPMENT_FAILED: "The carrier can't deliver there",
  TIMED_OUT: "It was not ready in time",
  CUSTOMER_REQUEST: "You cancelled this order",
  OPERATOR_REQUEST: "We had to cancel this order",
};

function headline(reason: CancellationReason | null): string {
  return reason === null ? "This order is cancelled" : headlines[reason];
}

/** Why an order is undone, as part of a sentence. */
function because(known: Known, reason: CancellationReason | null): string {
  switch (reason) {
    case "OUT_OF_STOCK":
      return `there was not enough of ${short(known)} in stock`;
    case "PAYMENT_DECLINED":
      return "your card was declined";
    case "SHIPMENT_FAILED":
      return "the carrier can't deliver there";
    case "TIMED_OUT":
      return "the order was not ready in time";
    case "CUSTOMER_REQUEST":
      return "you cancelled the order";
    case "OPERATOR_REQUEST":
      return "we had to cancel the order";
    case null:
      return "the order was cancelled";
  }
}

/** What was short, by name if it is known. Ordering tells SKUs: "CUP: 2 ordered, 1 available". */
function short({ order }: Known): string {
  const detail = order?.cancellation?.detail ?? "";
  const names = (order?.lines ?? [])
    .filter(({ sku }) => detail.includes(`${sku}: `))
    .map(({ sku, product }) => product?.name ?? sku);
  return names.length === 0 ? "something" : list(names);
}

/** What becomes, or has become, of the money and the goods of an order that is cancelled. */
function undone(known: Known, how: Standing, tense: "is" | "was"): string[] {
  const why = because(known, how.reason);
  const shelf = {
    none: null,
    unknown: null,
    held: "your items are going back on the shelf",
    back: "your items went back on the shelf",
  }[how.items];
  const apart = shelf === null ? [] : [`${capital(shelf)}.`];
  switch (how.money) {
    case "returned":
      return [`We returned ${amount(known)} to your card because ${why}.`, ...apart];
    case "taken":
    case "returning":
      return [`We are returning ${amount(known)} to your card because ${why}.`, ...apart];
    case "asked":
      return [`${capital(why)}. Your bank was just being asked: if it still pays, we return the money.`, ...apart];
    case "open":
      return [`${capital(why)}, so nothing will be charged${shelf === null ? "" : ` and ${shelf}`}.`];
    case "none":
      return [`${capital(why)}, so nothing was charged${shelf === null ? "" : ` and ${shelf}`}.`];
    case "unknown":
      return [
        `${capital(why)}.`,
        tense === "was"
          ? "If anything was charged, it was returned to your card."
          : "If anything was charged, we return it to your card.",
      ];
  }
}

/** What each fact that can be waited for asks of whom. Of an alternative the good end stands for both. */
const awaited: Record<string, string> = {
  "inventory.stock.reserved": "the stockroom to set your items aside",
  "billing.payment.captured": "billing to charge your card",
  "fulfillment.shipment.arranged": "shipping to book a carrier",
  "inventory.stock.deducted": "the stockroom to hand out your items",
  "ordering.order.fulfilled": "the order desk to confirm",
  "fulfillment.shipment.dispatched": "shipping to hand over the parcel",
  "ordering.order.cancelled": "the order desk to cancel",
  "billing.payment.refunded": "billing to return your money",
  "billing.payment.voided": "billing to call off the payment",
  "inventory.stock.released": "the stockroom to put your items back",
  "inventory.stock.reinstated": "the stockroom to put your items back",
  "fulfillment.shipment.cancelled": "shipping to call off the parcel",
  "ordering.order.settled": "the order desk to close the order",
};

/** Who has to hear first how what was asked outside has ended, before it can be undone. Null where it is not so. */
function answers(type: string, waitedFor: string[]): string | null {
  if (
    waitedFor.includes("billing.payment.voided") &&
    waitedFor.includes("billing.payment.captured") &&
    type.startsWith("billing.payment.")
  ) {
    return "billing to hear from your bank";
  }
  if (
    waitedFor.includes("fulfillment.shipment.cancelled") &&
    waitedFor.includes("fulfillment.shipment.arranged") &&
    type.startsWith("fulfillment.shipment.")
  ) {
    return "shipping to hear from the carrier";
  }
  return null;
}

function waitsFor({ saga, away }: Known): string | null {
  if (away.includes("chronicle")) {
    return null;
  }
  const types = saga?.waitingFor ?? [];
  const whom = types.map((type) => answers(type, types) ?? awaited[type]).filter((who) => who !== undefined);
  return whom.length === 0 ? null : list([...new Set(whom)]);
}

function until({ saga, away }: Known, { phase, money }: Standing): Story["until"] {
  if (phase !== "open" || !saga?.deadline || away.includes("chronicle")) {
    return null;
  }
  return {
    at: saga.deadline,
    otherwise: `the order is cancelled and ${{ taken: "your money returned", asked: "whatever was charged returned" }[money as string] ?? "nothing is charged"}`,
  };
}

/** A fact in words for who ordered. */
export function tellFact(fact: FactPartsFragment, known: Known): { tone: Tone; sentence: string } {
  const tell = facts[fact.type];
  return tell === undefined ? { tone: "plain", sentence: `${fact.summary}.` } : tell(known);
}

const plain = (sentence: string) => () => ({ tone: "plain" as const, sentence });
const good = (sentence: (known: Known) => string) => (known: Known) => ({ tone: "good" as const, sentence: sentence(known) });
const bad = (sentence: (known: Known) => string) => (known: Known) => ({ tone: "bad" as const, sentence: sentence(known) });
const undo = (sentence: (known: Known) => string) => (known: Known) => ({ tone: "undo" as const, sentence: sentence(known) });

const facts: Record<string, (known: Known) => { tone: Tone; sentence: string }> = {
  "ordering.order.placed": plain("You placed the order."),
  "inventory.stock.reserved": good(() => "Your items were set aside."),
  "inventory.stock.rejected": bad((known) => `There was not enough of ${short(known)} in stock.`),
  "billing.invoice.issued": (known) => ({ tone: "plain", sentence: `Invoice${invoice(known)} was written.` }),
  "billing.payment.captured": good((known) => `${amount(known)} was charged to your card.`),
  "billing.payment.declined": bad(() => "Your card was declined. Nothing was charged."),
  "billing.payment.stalled": bad(() => "The bank does not answer. We keep asking; your card is charged once at most."),
  "fulfillment.shipment.arranged": good((known) => `${capital(carrier(known))} was booked.`),
  "fulfillment.shipment.failed": bad(() => "The carrier can't deliver to this address."),
  "fulfillment.shipment.stalled": bad(() => "The carrier does not answer. We keep asking."),
  "inventory.stock.deducted": good(() => "Your items left the shelf."),
  "ordering.order.fulfilled": good(() => "Everything came together: your order is confirmed for good."),
  "fulfillment.shipment.dispatched": good((known) => `Your parcel was handed to ${carrier(known)}.`),
  "fulfillment.shipment.delivered": good(() => "Your parcel was delivered."),
  "ordering.order.cancelled": undo((known) => {
    const { reason } = standing(known);
    return reason === "CUSTOMER_REQUEST"
      ? "You cancelled the order."
      : `The order was cancelled${reason === null ? "" : ` because ${because(known, reason)}`}.`;
  }),
  "billing.payment.refunded": undo((known) => `${amount(known)} was returned to your card.`),
  "billing.payment.voided": undo(() => "The payment was called off. Nothing was charged."),
  "billing.invoice.voided": undo((known) => `Invoice${invoice(known)} was voided.`),
  "fulfillment.shipment.cancelled": undo((known) =>
    heard(known, "fulfillment.shipment.arranged") ? "The carrier was told not to come." : "The parcel was called off.",
  ),
  "inventory.stock.released": undo((known) =>
    heard(known, "inventory.stock.reserved")
      ? "Your items went back on the shelf."
      : "Nothing had been set aside, and nothing will be.",
  ),
  "inventory.stock.reinstated": undo(() => "Your items went back on the shelf."),
  "ordering.order.settled": undo(() => "Everything is undone. The order is closed."),
  "chronicle.saga.stuck": bad(() => "Nothing was heard for a while. We are looking into it."),
};

/** What the order costs, which is what is charged, and given back when it is cancelled. */
function amount({ order }: Known): string {
  return order === null ? "your money" : money(order.total);
}

function carrier({ order }: Known): string {
  return order?.shipment?.carrier ?? "the carrier";
}

function invoice({ order }: Known): string {
  return order?.invoice ? ` ${order.invoice.number}` : "";
}

function list(words: string[]): string {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}

function capital(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}
