import type {
  FactPartsFragment,
  OrderCoreFragment,
  OrderPartsFragment,
  OrderQuery,
  OrderWholeFragment,
  SagaPartsFragment,
  WatchOrderSubscription,
} from "../gql/graphql";

/** What is known of an order, from whatever has answered so far. */
export type Known = {
  /** Null until ordering has answered. A part of it is null until its context has. */
  order: OrderWholeFragment | null;
  /** Null until chronicle has answered, and has heard of the order. */
  saga: SagaPartsFragment | null;
  /** What happened, from the first fact on, without a gap: fact n of the saga stands at n-1. */
  facts: FactPartsFragment[];
  /** Whether all contexts were asked, and have answered or are among those away. */
  whole: boolean;
  /** Contexts that did not answer when they were asked last. What they said before still stands here. */
  away: string[];
};

/** Before anything was asked. */
export const nothing: Known = { order: null, saga: null, facts: [], whole: false, away: [] };

/** How many facts are asked for at once; the rest is told. */
const page = 100;

/** What is known after an answer, in which these contexts are missing. It may be older than what was told meanwhile. */
export function asked(known: Known, answer: OrderQuery, away: string[]): Known {
  const timeline = answer.saga?.timeline?.nodes ?? [];
  const late = timeline.length < Math.min(known.facts.length, page);
  return {
    order: late ? joined(known.order, answer.order ?? null) : joined(answer.order ?? null, known.order),
    saga: late ? (known.saga ?? answer.saga ?? null) : (answer.saga ?? known.saga),
    facts: [...known.facts, ...timeline.slice(known.facts.length)],
    whole: true,
    away,
  };
}

/** What is known after ordering alone was heard, unless all have been. */
export function begun(known: Known, core: OrderCoreFragment): Known {
  const lines = core.lines.map((line) => ({ ...line, product: null }));
  return known.order === null ? { ...known, order: { ...core, lines } } : known;
}

/** What is known after a change was told. What was told before changes nothing; a change that has others before it must not come here. */
export function told(known: Known, change: WatchOrderSubscription["orderChanged"], away: string[]): Known {
  if (change.fact !== null && change.fact !== undefined && change.sequence <= known.facts.length) {
    return known;
  }
  const { id: _, saga, ...parts } = change.order;
  return {
    order: known.order && { ...known.order, ...standing(parts, known.order) },
    saga: saga ?? known.saga,
    facts: change.fact ? [...known.facts, change.fact] : known.facts,
    whole: known.whole,
    away,
  };
}

/** Whether there is something between what is known and the change. */
export function misses(known: Known, sequence: number): boolean {
  return sequence > known.facts.length + 1;
}

function joined(newer: OrderWholeFragment | null, older: OrderWholeFragment | null): OrderWholeFragment | null {
  if (!newer || !older) {
    return newer ?? older;
  }
  return {
    ...newer,
    ...standing(newer, older),
    lines: newer.lines.map((line, i) => ({ ...line, product: line.product ?? older.lines[i]?.product ?? null })),
    creditNotes: newer.creditNotes ?? older.creditNotes ?? null,
    returns: newer.returns ?? older.returns ?? null,
  };
}

/** The parts of an order as they were heard of last: none of them goes away again. */
function standing(newer: OrderPartsFragment, older: OrderPartsFragment) {
  return {
    status: newer.status,
    fulfilledAt: newer.fulfilledAt ?? older.fulfilledAt ?? null,
    cancellation: newer.cancellation ?? older.cancellation ?? null,
    reservation: newer.reservation ?? older.reservation ?? null,
    payment: newer.payment ?? older.payment ?? null,
    invoice: newer.invoice ?? older.invoice ?? null,
    shipment: newer.shipment ?? older.shipment ?? null,
  };
}
