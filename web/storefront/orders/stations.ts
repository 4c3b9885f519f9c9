import type { OrderWholeFragment, SagaPartsFragment, SagaStepState } from "../gql/graphql";
import type { Known } from "./known";

/** How somebody's part stands: their turn comes; it is; done; tried in vain; being undone; undone; no longer needed; nobody says. */
export type StationState = "waiting" | "now" | "done" | "failed" | "undoing" | "undone" | "skipped" | "unknown";

/** A part of what becomes of an order. */
export type Station = {
  key: StationKey;
  title: string;
  state: StationState;
  /** How it stands, in words. */
  says: string;
  /** When it came to that, as RFC 3339; null when it has not come to an end. */
  at: string | null;
};

export type StationKey = "placed" | "reserved" | "paid" | "booked" | "sent" | "delivered";

const titles: Record<StationKey, string> = {
  placed: "Placed",
  reserved: "Items set aside",
  paid: "Paid",
  booked: "Carrier booked",
  sent: "On its way",
  delivered: "Delivered",
};

/** The steps of the saga that make up each station, in the order of the process. An invoice is seen elsewhere. */
const stepsOf: Record<StationKey, string[]> = {
  placed: ["place"],
  reserved: ["reserve"],
  paid: ["charge"],
  booked: ["arrange"],
  sent: ["deduct", "fulfil", "dispatch"],
  delivered: ["deliver"],
};

/**
 * The stations of an order, by what chronicle tells of its saga; while that does not answer, by what each context says of its own part.
 * An order that is undone has none for what it does not come to.
 */
export function stations(known: Known): Station[] {
  const told = known.saga !== null && !known.away.includes("chronicle");
  const keys = Object.keys(titles) as StationKey[];
  const all = keys.map((key) => {
    const { state, at } = told && known.saga ? bySaga(known.saga, key) : byParts(known, key);
    return { key, title: titles[key], state, says: words(key, state, known), at };
  });
  const undone = all.some(({ state }) => state === "undoing" || state === "undone" || state === "failed");
  return all.filter(({ key, state }) => !(key === "delivered" && undone && state !== "done"));
}

type Stand = { state: StationState; at: string | null };

const states: Record<SagaStepState, StationState> = {
  PENDING: "waiting",
  RUNNING: "now",
  DONE: "done",
  FAILED: "failed",
  COMPENSATING: "undoing",
  COMPENSATED: "undone",
  SKIPPED: "skipped",
};

/** The first of these that any step has is the station's. */
const foremost: StationState[] = ["failed", "undoing", "now", "undone", "skipped"];

function bySaga(saga: SagaPartsFragment, key: StationKey): Stand {
  const steps = saga.steps.filter(({ name }) => stepsOf[key].includes(name));
  const found = steps.map(({ state }) => states[state]);
  const last = steps.at(-1);
  if (found.length > 0 && found.every((state) => state === "done")) {
    return { state: "done", at: last?.finishedAt ?? null };
  }
  const state = foremost.find((state) => found.includes(state)) ?? (found.includes("done") ? "now" : "waiting");
  const ended = steps.find((step) => states[step.state] === state)?.finishedAt ?? null;
  return { state, at: state === "now" || state === "waiting" ? null : ended };
}

function byParts({ order, whole, away }: Known, key: StationKey): Stand {
  if (order === null) {
    return { state: "unknown", at: null };
  }
  const context = {
    placed: "ordering",
    reserved: "inventory",
    paid: "billing",
    booked: "fulfillment",
    sent: "fulfillment",
    delivered: "fulfillment",
  }[key];
  const state = partStates[key](order);
  return {
    state: state ?? (!whole || away.includes(context) ? "unknown" : "waiting"),
    at: key === "placed" ? order.placedAt : null,
  };
}

/** What each context says of its own part; null when it has said nothing. */
const partStates: Record<StationKey, (order: OrderWholeFragment) => StationState | null> = {
  placed: ({ cancellation }) => (!cancellation ? "done" : cancellation.settled ? "undone" : "undoing"),
  reserved: ({ reservation, status }) => {
    switch (reservation?.status) {
      case "PENDING":
        return status === "CANCELLED" ? "skipped" : "now";
      case "RESERVED":
      case "DEDUCTED":
        return status === "CANCELLED" ? "undoing" : "done";
      case "REJECTED":
        return "failed";
      case "RELEASED":
      case "REINSTATED":
        return "undone";
      default:
        return status === "FULFILLED" ? "done" : null;
    }
  },
  paid: ({ payment, status }) => {
    switch (payment?.status) {
      case "PENDING":
        return status === "CANCELLED" ? "skipped" : "waiting";
      case "CHARGING":
        return "now";
      case "CAPTURED":
        return status === "CANCELLED" ? "undoing" : "done";
      case "DECLINED":
        return "failed";
      case "VOIDED":
        return "skipped";
      case "REFUNDING":
        return status === "CANCELLED" ? "undoing" : "done";
      case "REFUNDED":
        return status === "CANCELLED" ? "undone" : "done";
      default:
        return status === "FULFILLED" ? "done" : null;
    }
  },
  booked: ({ shipment, status }) => {
    switch (shipment?.status) {
      case "PENDING":
        return status === "CANCELLED" ? "skipped" : "waiting";
      case "BOOKING":
        return "now";
      case "ARRANGED":
        return status === "CANCELLED" ? "undoing" : "done";
      case "FAILED":
        return "failed";
      case "CANCELLING":
        return "undoing";
      case "CANCELLED":
        return "undone";
      case "DISPATCHED":
      case "DELIVERED":
        return "done";
      default:
        return status === "FULFILLED" ? "done" : null;
    }
  },
  sent: ({ shipment, status }) => {
    if (shipment?.status === "DISPATCHED" || shipment?.status === "DELIVERED") {
      return "done";
    }
    return status === "CANCELLED" ? "skipped" : status === "FULFILLED" && shipment ? "now" : shipment ? "waiting" : null;
  },
  delivered: ({ shipment, status }) => {
    switch (shipment?.status) {
      case "DELIVERED":
        return "done";
      case "DISPATCHED":
        return "now";
      default:
        return status === "CANCELLED" ? "skipped" : shipment ? "waiting" : null;
    }
  },
};

function words(key: StationKey, state: StationState, { saga, order, whole }: Known): string {
  if (state === "unknown" && !whole) {
    return "Being asked";
  }
  if (key === "sent" && state === "now") {
    const step = saga?.steps.find(({ name, state }) => stepsOf.sent.includes(name) && state === "RUNNING")?.name;
    return { deduct: "Being packed", fulfil: "Being confirmed" }[step ?? ""] ?? "Being handed over";
  }
  if (key === "booked" && state === "done") {
    return order?.shipment?.carrier ?? "Booked";
  }
  return says[key][state] ?? common[state];
}

const common: Record<StationState, string> = {
  waiting: "Later",
  now: "Under way",
  done: "Done",
  failed: "Not possible",
  undoing: "Being undone",
  undone: "Undone",
  skipped: "Not needed any more",
  unknown: "Not known at the moment",
};

const says: Record<StationKey, Partial<Record<StationState, string>>> = {
  placed: { done: "Received", undoing: "Being closed", undone: "Closed" },
  reserved: {
    waiting: "First of all",
    now: "The stockroom is looking",
    done: "Waiting for you",
    failed: "Not enough in stock",
    undoing: "Going back on the shelf",
    undone: "Back on the shelf",
  },
  paid: {
    waiting: "Once everything is set aside",
    now: "Billing is asking your bank",
    done: "Paid by card",
    failed: "Declined",
    undoing: "Your money is coming back",
    undone: "Money returned",
    skipped: "Nothing charged",
  },
  booked: {
    waiting: "Once it is paid",
    now: "Shipping is asking the carrier",
    failed: "Can't deliver there",
    undoing: "Being called off",
    undone: "Called off",
  },
  sent: { waiting: "Once a carrier is booked", done: "Handed over", undoing: "Being taken back", undone: "Taken back" },
  delivered: { waiting: "Once it is on its way", now: "With the carrier", done: "At your door" },
};
