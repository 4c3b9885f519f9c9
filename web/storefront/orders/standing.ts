import type { CancellationReason } from "../gql/graphql";
import type { Known } from "./known";

/** How an order stands, as far as it is known. */
export type Standing = {
  /** What is true of the order as a whole. */
  phase: "open" | "fulfilled" | "sent" | "delivered" | "undoing" | "undone";
  /** Why it is undone; null if it is not, or nobody has said. */
  reason: CancellationReason | null;
  /** Nothing was taken and nothing will be; nothing yet; the bank was asked; it was taken; it is on its way back; it is back. */
  money: "none" | "open" | "asked" | "taken" | "returning" | "returned" | "unknown";
  /** Nothing is or was set aside; it is; it was put back. */
  items: "none" | "held" | "back" | "unknown";
  /** Nothing was heard for too long, or somebody outside does not answer. */
  stuck: boolean;
  /** Whether the customer can still call it off. */
  cancellable: boolean;
};

/** How an order stands, from whatever part of it is known. */
export function standing(known: Known): Standing {
  const phase = phaseOf(known);
  return {
    phase,
    reason: phase === "undoing" || phase === "undone" ? reasonOf(known) : null,
    money: moneyOf(known),
    items: itemsOf(known),
    stuck: known.saga?.state === "STUCK",
    cancellable: known.order?.status === "PLACED" && phase === "open",
  };
}

/** Whether a fact was heard. */
export function heard(known: Known, type: string): boolean {
  return known.facts.some((fact) => fact.type === type);
}

function phaseOf(known: Known): Standing["phase"] {
  const { order, saga } = known;
  const shipment = order?.shipment?.status;
  if (order?.cancellation?.settled || saga?.state === "COMPENSATED") {
    return "undone";
  }
  if (order?.status === "CANCELLED" || saga?.state === "COMPENSATING" || givenUp.some((type) => heard(known, type))) {
    return "undoing";
  }
  if (shipment === "DELIVERED" || heard(known, "fulfillment.shipment.delivered")) {
    return "delivered";
  }
  if (shipment === "DISPATCHED" || saga?.state === "COMPLETED" || heard(known, "fulfillment.shipment.dispatched")) {
    return "sent";
  }
  return order?.status === "FULFILLED" || heard(known, "ordering.order.fulfilled") ? "fulfilled" : "open";
}

/** After any of these an order is undone, also before ordering has said so. */
const givenUp = [
  "ordering.order.cancelled",
  "inventory.stock.rejected",
  "billing.payment.declined",
  "fulfillment.shipment.failed",
];

function reasonOf(known: Known): CancellationReason | null {
  const said = known.order?.cancellation?.reason;
  if (said) {
    return said;
  }
  const causes: [string, CancellationReason][] = [
    ["inventory.stock.rejected", "OUT_OF_STOCK"],
    ["billing.payment.declined", "PAYMENT_DECLINED"],
    ["fulfillment.shipment.failed", "SHIPMENT_FAILED"],
  ];
  return causes.find(([type]) => heard(known, type))?.[1] ?? null;
}

function moneyOf(known: Known): Standing["money"] {
  if (heard(known, "billing.payment.refunded")) {
    return "returned";
  }
  if (heard(known, "billing.payment.voided") || heard(known, "billing.payment.declined")) {
    return "none";
  }
  switch (known.order?.payment?.status) {
    case "DECLINED":
    case "VOIDED":
      return "none";
    case "REFUNDING":
      return "returning";
    case "REFUNDED":
      return "returned";
    case "CAPTURED":
      return "taken";
  }
  if (heard(known, "billing.payment.captured")) {
    return "taken";
  }
  switch (known.order?.payment?.status) {
    case "CHARGING":
      return "asked";
    case "PENDING":
      return "open";
  }
  return byStep(known, "charge", {
    done: "taken",
    undoing: "returning",
    undone: "returned",
    running: "asked",
    never: "none",
    not: "open",
  });
}

function itemsOf(known: Known): Standing["items"] {
  const held = heard(known, "inventory.stock.reserved");
  if (heard(known, "inventory.stock.released") || heard(known, "inventory.stock.reinstated")) {
    return held ? "back" : "none";
  }
  switch (known.order?.reservation?.status) {
    case "RESERVED":
    case "DEDUCTED":
      return "held";
    case "REINSTATED":
      return "back";
    case "REJECTED":
      return "none";
  }
  if (held) {
    return "held";
  }
  // Of what is released only the facts know whether anything was held.
  const step = byStep<Standing["items"]>(known, "reserve", {
    done: "held",
    undoing: "held",
    undone: "back",
    running: "none",
    never: "none",
    not: "none",
  });
  return step === "unknown" && known.order?.reservation ? "none" : step;
}

/** What follows from how a step stands. */
function byStep<T>(
  known: Known,
  name: string,
  means: { done: T; undoing: T; undone: T; running: T; never: T; not: T },
): T | "unknown" {
  switch (known.saga?.steps.find((step) => step.name === name)?.state) {
    case "DONE":
      return means.done;
    case "COMPENSATING":
      return means.undoing;
    case "COMPENSATED":
      return means.undone;
    case "RUNNING":
      return means.running;
    case "FAILED":
    case "SKIPPED":
      return means.never;
    case "PENDING":
      return means.not;
    default:
      return "unknown";
  }
}
