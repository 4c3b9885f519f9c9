import type { FactPartsFragment, OrderWholeFragment, SagaPartsFragment, SagaState, SagaStepState } from "../gql/graphql";
import { type Known, nothing } from "./known";

/** An order as ordering answers it at once: nobody else has said anything. */
export function anOrder(with_: Partial<OrderWholeFragment> = {}): OrderWholeFragment {
  return {
    __typename: "Order",
    id: "T3JkZXI6Nw",
    number: "Q-00000007",
    status: "PLACED",
    placedAt: "2026-03-01T12:00:00Z",
    fulfilledAt: null,
    pricedFrom: "LIVE",
    cancellation: null,
    lines: [
      {
        __typename: "OrderLine",
        sku: "CUP",
        quantity: 2,
        unitPrice: pounds("6.20"),
        lineTotal: pounds("12.40"),
        product: { __typename: "Product", id: "UHJvZHVjdDox", name: "Tall cup" },
      },
    ],
    discount: pounds("0.00"),
    total: pounds("12.40"),
    shippingAddress: { __typename: "Address", name: "Ada", street: "1 Way", city: "London", postalCode: "N1", countryCode: "GB" },
    reservation: null,
    payment: null,
    invoice: null,
    shipment: null,
    creditNotes: [],
    returns: [],
    ...with_,
  };
}

/** A cancellation for a reason. */
export function cancelled(
  reason: NonNullable<OrderWholeFragment["cancellation"]>["reason"],
  settled: boolean,
  detail: string | null = null,
): Partial<OrderWholeFragment> {
  const cancelledBy = reason === "CUSTOMER_REQUEST" ? "CUSTOMER" : reason === "OPERATOR_REQUEST" ? "OPERATOR" : "SYSTEM";
  return {
    status: "CANCELLED",
    cancellation: { __typename: "Cancellation", reason, detail, cancelledBy, cancelledAt: "2026-03-01T12:01:00Z", settled },
  };
}

/** A payment as billing answers it. */
export function payment(status: NonNullable<OrderWholeFragment["payment"]>["status"], attempts = 1): Partial<OrderWholeFragment> {
  const refunded = status === "REFUNDED" ? pounds("12.40") : pounds("0.00");
  return { payment: { __typename: "Payment", status, amount: pounds("12.40"), refunded, attempts } };
}

/** Facts of these types, one after the other. */
export function facts(...types: string[]): FactPartsFragment[] {
  return types.map((type, i) => ({
    __typename: "Fact",
    id: `fact-${i + 1}`,
    type,
    context: type.slice(0, type.indexOf(".")),
    occurredAt: `2026-03-01T12:00:0${i}Z`,
    summary: "As chronicle has it",
  }));
}

const process: [string, string][] = [
  ["ordering", "place"],
  ["inventory", "reserve"],
  ["billing", "invoice"],
  ["billing", "charge"],
  ["fulfillment", "arrange"],
  ["inventory", "deduct"],
  ["ordering", "fulfil"],
  ["fulfillment", "dispatch"],
  ["fulfillment", "deliver"],
];

/** A saga whose steps, in the order of the process, stand like this; those left out are pending. */
export function aSaga(state: SagaState, steps: SagaStepState[], with_: Partial<SagaPartsFragment> = {}): SagaPartsFragment {
  return {
    __typename: "Saga",
    state,
    waitingFor: [],
    deadline: null,
    steps: process.map(([context, name], i) => ({
      __typename: "SagaStep",
      context,
      name,
      state: steps[i] ?? "PENDING",
      startedAt: null,
      finishedAt: steps[i] === "DONE" ? `2026-03-01T12:00:1${i}Z` : null,
    })),
    ...with_,
  };
}

/** What is known, if this is. */
export function known(what: Partial<Known>): Known {
  return { ...nothing, whole: true, ...what };
}

function pounds(amount: string) {
  return { __typename: "Money" as const, amount, currencyCode: "GBP" };
}
