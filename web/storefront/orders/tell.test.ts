import { describe, expect, test } from "vitest";

import type { CancellationReason } from "../gql/graphql";
import type { Known } from "./known";
import { anOrder, aSaga, cancelled, facts, known, payment } from "./order.fixture";
import { tellFact, tellOrder } from "./tell";

const placed = "ordering.order.placed";
const reserved = "inventory.stock.reserved";
const released = "inventory.stock.released";
const captured = "billing.payment.captured";
const refunded = "billing.payment.refunded";
const voided = "billing.payment.voided";
const arranged = "fulfillment.shipment.arranged";

/** What each reason comes to: with nothing charged, and with something; while it is being undone, and when it is. */
const undone: [CancellationReason, string | null, { headline: string; free: string; paid: string }][] = [
  [
    "OUT_OF_STOCK",
    "CUP: 2 ordered, 1 available",
    {
      headline: "There was not enough in stock",
      free: "There was not enough of Tall cup in stock, so nothing was charged",
      paid: "£12.40 to your card because there was not enough of Tall cup in stock.",
    },
  ],
  [
    "PAYMENT_DECLINED",
    "Your card was declined.",
    {
      headline: "Your card was declined",
      free: "Your card was declined, so nothing was charged",
      paid: "£12.40 to your card because your card was declined.",
    },
  ],
  [
    "SHIPMENT_FAILED",
    "We do not deliver there.",
    {
      headline: "The carrier can't deliver there",
      free: "The carrier can't deliver there, so nothing was charged",
      paid: "£12.40 to your card because the carrier can't deliver there.",
    },
  ],
  [
    "TIMED_OUT",
    "not fulfilled by 2026-03-01T12:15:00Z",
    {
      headline: "It was not ready in time",
      free: "The order was not ready in time, so nothing was charged",
      paid: "£12.40 to your card because the order was not ready in time.",
    },
  ],
  [
    "CUSTOMER_REQUEST",
    "I changed my mind",
    {
      headline: "You cancelled this order",
      free: "You cancelled the order, so nothing was charged",
      paid: "£12.40 to your card because you cancelled the order.",
    },
  ],
  [
    "OPERATOR_REQUEST",
    "fraud",
    {
      headline: "We had to cancel this order",
      free: "We had to cancel the order, so nothing was charged",
      paid: "£12.40 to your card because we had to cancel the order.",
    },
  ],
];

describe.each(undone)("an order cancelled for %s", (reason, detail, says) => {
  const order = (settled: boolean, pays: Parameters<typeof payment>[0]) =>
    anOrder({ ...cancelled(reason, settled, detail), ...payment(pays) });
  const story = (what: Partial<Known>) => {
    const { tone, headline, sentences } = tellOrder(known(what)) ?? {};
    return { tone, headline, sentences };
  };

  test("before anything was charged, done", () => {
    expect(story({ order: order(true, "VOIDED"), facts: facts(placed, reserved, voided, released) })).toEqual({
      tone: "undo",
      headline: says.headline,
      sentences: [`${says.free} and your items went back on the shelf.`],
    });
  });

  test("before anything was charged, under way", () => {
    expect(story({ order: order(false, "VOIDED"), facts: facts(placed, reserved, voided) })).toEqual({
      tone: "undo",
      headline: says.headline,
      sentences: [`${says.free} and your items are going back on the shelf.`],
    });
  });

  test("before anything was set aside", () => {
    expect(story({ order: order(true, "VOIDED"), facts: facts(placed, voided, released) }).sentences).toEqual([`${says.free}.`]);
  });

  test("after it was charged, under way", () => {
    for (const pays of ["CAPTURED", "REFUNDING"] as const) {
      expect(story({ order: order(false, pays), facts: facts(placed, reserved, captured) })).toEqual({
        tone: "undo",
        headline: says.headline,
        sentences: [`We are returning ${says.paid}`, "Your items are going back on the shelf."],
      });
    }
  });

  test("after it was charged, done", () => {
    expect(story({ order: order(true, "REFUNDED"), facts: facts(placed, reserved, captured, refunded, released) })).toEqual({
      tone: "undo",
      headline: says.headline,
      sentences: [`We returned ${says.paid}`, "Your items went back on the shelf."],
    });
  });

  test("while the bank is being asked", () => {
    expect(story({ order: order(false, "CHARGING"), facts: facts(placed, reserved) }).sentences).toEqual([
      expect.stringMatching(/Your bank was just being asked: if it still pays, we return the money\.$/),
      "Your items are going back on the shelf.",
    ]);
  });

  test("while neither billing nor chronicle answers", () => {
    const { sentences } = story({ order: anOrder(cancelled(reason, true, detail)), away: ["billing", "chronicle"] });
    expect(sentences).toEqual([expect.any(String), "If anything was charged, it was returned to your card."]);
  });
});

test("what undoes an order is told before ordering has said that it is cancelled", () => {
  const causes: [string, string][] = [
    ["inventory.stock.rejected", "There was not enough in stock"],
    ["billing.payment.declined", "Your card was declined"],
    ["fulfillment.shipment.failed", "The carrier can't deliver there"],
  ];
  for (const [type, headline] of causes) {
    const story = tellOrder(known({ order: anOrder(), facts: facts(placed, reserved, type) }));
    expect(story).toMatchObject({ tone: "undo", headline });
  }
});

describe("an order under way", () => {
  const deadline = "2026-03-01T12:15:00Z";
  const running = (steps: Parameters<typeof aSaga>[1], waitingFor: string[], more: Partial<Known> = {}) =>
    tellOrder(
      known({ order: anOrder(), saga: aSaga("RUNNING", steps, { waitingFor, deadline }), facts: facts(placed), ...more }),
    );

  test("says who does what, and until when", () => {
    expect(running(["DONE", "RUNNING"], ["inventory.stock.reserved", "inventory.stock.rejected"])).toEqual({
      tone: "main",
      headline: "Setting your items aside",
      sentences: ["The stockroom is looking whether everything is there."],
      waitsFor: "the stockroom to set your items aside",
      until: { at: deadline, otherwise: "the order is cancelled and nothing is charged" },
    });
  });

  test("says that money would be returned once it was charged", () => {
    const story = running(["DONE", "DONE", "DONE", "DONE", "RUNNING"], ["fulfillment.shipment.arranged"], {
      facts: facts(placed, reserved, captured),
    });
    expect(story).toMatchObject({
      headline: "Booking the carrier",
      until: { otherwise: "the order is cancelled and your money returned" },
    });
  });

  test("says how often the bank was asked", () => {
    const story = running(["DONE", "DONE", "DONE", "RUNNING"], [captured], { order: anOrder(payment("CHARGING", 3)) });
    expect(story?.until?.otherwise).toBe("the order is cancelled and whatever was charged returned");
    expect(story?.sentences).toContain("It has asked 3 times by now; however often, your card is charged once.");
  });

  test("says that it can be cancelled while it is stuck, if it can", () => {
    const stuck = (order: ReturnType<typeof anOrder>) =>
      tellOrder(known({ order, saga: aSaga("STUCK", ["DONE", "DONE", "DONE", "RUNNING"]), facts: facts(placed) }))?.sentences;
    expect(stuck(anOrder())).toContain("You can still cancel.");
    expect(stuck(anOrder(cancelled("CUSTOMER_REQUEST", false)))).not.toContain("You can still cancel.");
    expect(stuck(anOrder({ status: "FULFILLED" }))).toContain("This takes longer than it should. We are looking into it.");
    expect(stuck(anOrder({ status: "FULFILLED" }))).not.toContain("You can still cancel.");
  });

  test("says nothing of whom it waits for while chronicle does not answer", () => {
    const story = running(["DONE", "RUNNING"], ["inventory.stock.reserved"], { away: ["chronicle"] });
    expect(story).toMatchObject({ waitsFor: null, until: null });
  });

  test("is told from what each context says if chronicle never answered", () => {
    expect(tellOrder(known({ order: anOrder(payment("CHARGING")), away: ["chronicle"] }))?.headline).toBe("Taking the payment");
    expect(tellOrder(known({ order: anOrder(), away: ["chronicle"] }))?.headline).toBe("We have your order");
  });
});

test("an order that is sent is told by its carrier", () => {
  const shipment = (status: "ARRANGED" | "DISPATCHED" | "DELIVERED") =>
    anOrder({
      status: "FULFILLED",
      shipment: { __typename: "Shipment", status, carrier: "Quill & Post", trackingNumber: "QP1" },
    });
  expect(tellOrder(known({ order: shipment("ARRANGED") }))?.sentences).toEqual([
    "Everything came together. Your parcel is being handed to Quill & Post.",
  ]);
  expect(tellOrder(known({ order: shipment("DISPATCHED") }))).toMatchObject({ headline: "On its way to you", tone: "good" });
  expect(tellOrder(known({ order: shipment("DELIVERED") }))).toMatchObject({ headline: "Delivered", tone: "good" });
  expect(tellOrder(known({ order: anOrder({ status: "FULFILLED" }), away: ["chronicle", "fulfillment"] }))).toMatchObject({
    headline: "Your order is confirmed",
    sentences: ["How far it has come is not known at the moment."],
  });
});

test("an order of which only ordering has spoken is told as that", () => {
  const sentences = ["We are asking how far it has come."];
  expect(tellOrder(known({ order: anOrder(), whole: false }))).toMatchObject({ headline: "We have your order", sentences });
  expect(tellOrder(known({ order: anOrder({ status: "FULFILLED" }), whole: false }))).toMatchObject({
    headline: "Your order is confirmed",
    sentences,
  });
});

test("an order of which nothing is known is not told of", () => {
  expect(tellOrder(known({ away: ["ordering", "chronicle"] }))).toBeNull();
});

test("an undone order says who has still to undo what, each of them once", () => {
  const waitingFor = [
    refunded,
    "inventory.stock.released",
    "inventory.stock.reinstated",
    "fulfillment.shipment.cancelled",
    "ordering.order.settled",
  ];
  const story = tellOrder(
    known({
      order: anOrder(cancelled("CUSTOMER_REQUEST", false)),
      saga: aSaga("COMPENSATING", ["COMPENSATING"], { waitingFor }),
    }),
  );
  expect(story?.waitsFor).toBe(
    "billing to return your money, the stockroom to put your items back, shipping to call off the parcel and the order desk to close the order",
  );
  expect(story?.until).toBeNull();
});

test("what the bank was asked is waited for before it can be undone", () => {
  const waitingFor = [captured, "billing.payment.declined", voided];
  const saga = aSaga("COMPENSATING", ["COMPENSATING", "COMPENSATING", "COMPENSATED", "RUNNING"], { waitingFor });
  expect(tellOrder(known({ order: anOrder(cancelled("CUSTOMER_REQUEST", false)), saga }))?.waitsFor).toBe(
    "billing to hear from your bank",
  );
});

describe("a fact", () => {
  const tell = (type: string, what: Partial<Known> = {}) => {
    const [fact] = facts(type);
    return fact && tellFact(fact, known({ order: anOrder(), ...what }));
  };

  test("is told with what is known of the order", () => {
    expect(tell(captured)).toEqual({ tone: "good", sentence: "£12.40 was charged to your card." });
    expect(tell(refunded)).toEqual({ tone: "undo", sentence: "£12.40 was returned to your card." });
    expect(tell(arranged)).toEqual({ tone: "good", sentence: "The carrier was booked." });
    expect(tell("ordering.order.cancelled", { order: anOrder(cancelled("SHIPMENT_FAILED", false)) })).toEqual({
      tone: "undo",
      sentence: "The order was cancelled because the carrier can't deliver there.",
    });
  });

  test("tells what there was to undo, and what not", () => {
    expect(tell(released, { facts: facts(placed, reserved) })?.sentence).toBe("Your items went back on the shelf.");
    expect(tell(released, { facts: facts(placed) })?.sentence).toBe("Nothing had been set aside, and nothing will be.");
    expect(tell("fulfillment.shipment.cancelled", { facts: facts(arranged) })?.sentence).toBe(
      "The carrier was told not to come.",
    );
    expect(tell("fulfillment.shipment.cancelled")?.sentence).toBe("The parcel was called off.");
  });

  test("is told as chronicle tells it if nobody here knows it", () => {
    expect(tell("fulfillment.shipment.diverted")).toEqual({ tone: "plain", sentence: "As chronicle has it." });
  });
});
