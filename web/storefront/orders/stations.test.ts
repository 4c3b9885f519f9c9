import { describe, expect, test } from "vitest";

import type { OrderWholeFragment, SagaState, SagaStepState } from "../gql/graphql";
import type { Known } from "./known";
import { anOrder, aSaga, cancelled, known, payment } from "./order.fixture";
import { stations } from "./stations";

/** How the stations stand, in short. */
function line(what: Partial<Known>): string {
  return stations(known(what))
    .map(({ key, state }) => `${key} ${state}`)
    .join(", ");
}

describe("by the saga", () => {
  const cases: [string, SagaState, SagaStepState[], string][] = [
    [
      "an order that was placed just now",
      "RUNNING",
      ["DONE", "RUNNING", "RUNNING"],
      "placed done, reserved now, paid waiting, booked waiting, sent waiting, delivered waiting",
    ],
    [
      "an order that is packed",
      "RUNNING",
      ["DONE", "DONE", "DONE", "DONE", "DONE", "RUNNING"],
      "placed done, reserved done, paid done, booked done, sent now, delivered waiting",
    ],
    [
      "an order between two steps of one station",
      "RUNNING",
      ["DONE", "DONE", "DONE", "DONE", "DONE", "DONE", "PENDING"],
      "placed done, reserved done, paid done, booked done, sent now, delivered waiting",
    ],
    [
      "an order that is on its way",
      "COMPLETED",
      ["DONE", "DONE", "DONE", "DONE", "DONE", "DONE", "DONE", "DONE", "RUNNING"],
      "placed done, reserved done, paid done, booked done, sent done, delivered now",
    ],
    [
      "an order that the carrier has refused",
      "COMPENSATING",
      ["DONE", "COMPENSATING", "COMPENSATED", "COMPENSATING", "FAILED", "SKIPPED", "SKIPPED", "SKIPPED", "SKIPPED"],
      "placed done, reserved undoing, paid undoing, booked failed, sent skipped",
    ],
    [
      "an order whose goods had left the shelf when it was cancelled",
      "COMPENSATING",
      ["COMPENSATING", "COMPENSATING", "DONE", "COMPENSATED", "COMPENSATED", "COMPENSATING", "SKIPPED", "SKIPPED", "SKIPPED"],
      "placed undoing, reserved undoing, paid undone, booked undone, sent undoing",
    ],
    [
      "an order that is undone",
      "COMPENSATED",
      ["COMPENSATED", "COMPENSATED", "COMPENSATED", "FAILED", "SKIPPED", "SKIPPED", "SKIPPED", "SKIPPED", "SKIPPED"],
      "placed undone, reserved undone, paid failed, booked skipped, sent skipped",
    ],
  ];
  test.each(cases)("%s", (_, state, steps, want) => {
    expect(line({ order: anOrder(), saga: aSaga(state, steps) })).toBe(want);
  });

  test("a station ends when its last step does", () => {
    const [, , , , sent] = stations(known({ saga: aSaga("COMPLETED", Array(8).fill("DONE")) }));
    expect(sent).toMatchObject({ key: "sent", at: "2026-03-01T12:00:17Z" });
  });
});

describe("by what each context says while chronicle does not answer", () => {
  const shipment = (status: NonNullable<OrderWholeFragment["shipment"]>["status"]): Partial<OrderWholeFragment> => ({
    shipment: { __typename: "Shipment", status, carrier: "Quill & Post", trackingNumber: null },
  });
  const reservation = (status: NonNullable<OrderWholeFragment["reservation"]>["status"]): Partial<OrderWholeFragment> => ({
    reservation: { __typename: "Reservation", status },
  });
  const cases: [string, Partial<OrderWholeFragment>, string[], string][] = [
    [
      "an order that is being charged",
      { ...reservation("RESERVED"), ...payment("CHARGING"), ...shipment("PENDING") },
      [],
      "placed done, reserved done, paid now, booked waiting, sent waiting, delivered waiting",
    ],
    [
      "an order that has arrived",
      { status: "FULFILLED", ...reservation("DEDUCTED"), ...payment("CAPTURED"), ...shipment("DELIVERED") },
      [],
      "placed done, reserved done, paid done, booked done, sent done, delivered done",
    ],
    [
      "an order of which only ordering speaks",
      {},
      ["billing", "fulfillment", "inventory"],
      "placed done, reserved unknown, paid unknown, booked unknown, sent unknown, delivered unknown",
    ],
    [
      "an order that ordering has fulfilled",
      { status: "FULFILLED" },
      ["billing", "fulfillment", "inventory"],
      "placed done, reserved done, paid done, booked done, sent unknown, delivered unknown",
    ],
    [
      "an order that is being cancelled",
      { ...cancelled("CUSTOMER_REQUEST", false), ...reservation("RESERVED"), ...payment("REFUNDING"), ...shipment("CANCELLED") },
      [],
      "placed undoing, reserved undoing, paid undoing, booked undone, sent skipped",
    ],
    [
      "an order that was declined",
      { ...cancelled("PAYMENT_DECLINED", true), ...reservation("RELEASED"), ...payment("DECLINED"), ...shipment("CANCELLED") },
      [],
      "placed undone, reserved undone, paid failed, booked undone, sent skipped",
    ],
    [
      "a fulfilled order of which something was returned",
      { status: "FULFILLED", ...reservation("DEDUCTED"), ...payment("REFUNDED"), ...shipment("DELIVERED") },
      [],
      "placed done, reserved done, paid done, booked done, sent done, delivered done",
    ],
  ];
  test.each(cases)("%s", (_, order, away, want) => {
    // What chronicle said before is older than what the others say now.
    const saga = aSaga("RUNNING", ["DONE", "RUNNING"]);
    expect(line({ order: anOrder(order), saga, away: ["chronicle", ...away] })).toBe(want);
  });

  test("nothing is known while ordering is away, too", () => {
    expect(line({ away: ["chronicle", "ordering"] })).toMatch(/^placed unknown, reserved unknown/);
  });
});
