package order_test

import (
	"testing"
	"time"

	"quadrille.dev/services/ordering/internal/order"
)

// What was decided stays decided when it is recalled: neither a deadline nor a fact that is heard again leads to anything else.
func TestWhatWasToldIsRecalledAndNotDecidedAgain(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	placed := order.Placed{Placement: order.Placement{Number: "Q-1", Deadline: now}}
	cancelled := order.Cancelled{Reason: order.CustomerRequest, By: order.ByCustomer}
	for want, told := range map[order.Status][]order.Event{
		order.StatusFulfilled: {placed, order.Fulfilled{}},
		order.StatusCancelled: {placed, cancelled, order.Settled{}},
	} {
		t.Run(string(want), func(t *testing.T) {
			var o order.Order
			for round := range 2 {
				for _, e := range told {
					events := o.Recall(e)
					if (len(events) == 1) != (round == 0) {
						t.Errorf("round %d: %v", round, events)
					}
					o = o.After(now, events...)
				}
			}
			if events := o.Expire(now.Add(time.Hour)); len(events) != 0 {
				t.Errorf("expired: %v", events)
			}
			o = o.After(now, o.StockDeducted()...)
			if o.Status != want || o.Cancellation.Settled != (want == order.StatusCancelled) {
				t.Errorf("%+v", o)
			}
		})
	}
}
