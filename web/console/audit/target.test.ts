import { expect, test } from "vitest";

import { type Place, placeOf } from "./target";

const id = "0199c0de-0000-7000-8000-000000000001";

const cases: { name: string; action: string; target: string; place: Place | null }[] = [
  { name: "a step is one of an order's saga", action: "step.retried", target: id, place: { to: "saga", id } },
  { name: "a return has a saga", action: "return.resolved", target: id, place: { to: "saga", id } },
  { name: "an order has one", action: "order.cancelled", target: id, place: { to: "saga", id } },
  { name: "stock is of a SKU", action: "stock.received", target: "TOY-YOY-08", place: { to: "sku", sku: "TOY-YOY-08" } },
  { name: "a price is, too", action: "price.changed", target: "22423", place: { to: "sku", sku: "22423" } },
  { name: "a message is none of these", action: "parked.retried", target: id, place: null },
  { name: "nor is a customer", action: "customer.erased", target: id, place: null },
  { name: "what is no id leads nowhere", action: "order.cancelled", target: "Q-1", place: null },
];

for (const { name, action, target, place } of cases) {
  test(name, () => expect(placeOf({ action, target })).toEqual(place));
}
