package rabbit_test

import (
	"slices"
	"testing"
	"time"

	"quadrille.dev/platform/event"
	"quadrille.dev/platform/rabbit"
	"quadrille.dev/schema/eventtest"
)

// fulfilled are the facts of an order that is fulfilled.
var fulfilled = []string{
	"ordering.order.placed", "inventory.stock.reserved", "billing.invoice.issued", "billing.payment.captured",
	"fulfillment.shipment.arranged", "inventory.stock.deducted", "ordering.order.fulfilled", "fulfillment.shipment.dispatched",
	"fulfillment.shipment.delivered",
}

// A message goes with its segment, which is removed when its last message is a week old and the segment after it begins: no later than
// the time that two segments take to fill. For a shop of a hundred orders a day that is little, and a busy week has not too many files.
func TestSevenDaysOfTheStreamAreSeven(t *testing.T) {
	topology := rabbit.TopologyOf("chronicle", nil)
	stream := topology.Queues[slices.IndexFunc(topology.Queues, func(q rabbit.Queue) bool { return q.Name == "chronicle.stream" })]
	policy := topology.Policies[slices.IndexFunc(topology.Policies, func(p rabbit.Policy) bool { return p.Name == "chronicle.stream" })]
	segment, declared := stream.Arguments["x-stream-max-segment-size-bytes"].(int64)
	if !declared || policy.Definition["max-age"] != "7D" {
		t.Fatalf("declared are %v, the policy says %v", stream.Arguments, policy.Definition)
	}
	var perOrder int64
	for _, name := range fulfilled {
		body, err := event.New(t.Context(), event.Fact{
			Name: name, Version: 1, Subject: "01996f3a-5c10-7c2e-9a41-3b8e2f6d1a01", Sequence: 1, OrderNumber: "Q-00000042",
			CorrelationID: "01996f3a-5c10-7c2e-9a41-3b8e2f6d1a01", At: time.Now(), Data: eventtest.Examples(name, 1)[0],
		}).Encode()
		if err != nil {
			t.Fatal(err)
		}
		perOrder += int64(len(body))
	}
	const day = 24 * time.Hour
	quiet := time.Duration(2*segment/perOrder) * day / 100
	if quiet > 2*day {
		t.Errorf("%d bytes an order: a shop of 100 orders a day keeps facts for %s longer", perOrder, quiet)
	}
	busy := 7 * 100_000 * perOrder / segment
	if busy > 10_000 {
		t.Errorf("%d bytes an order: a week of 100,000 orders a day has %d segments", perOrder, busy)
	}
	t.Logf("%d bytes an order; at 100 orders a day %s longer, at 100,000 %d segments", perOrder, quiet, busy)
}
