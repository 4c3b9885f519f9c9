package app

import (
	"context"
	"slices"
	"time"

	"quadrille.dev/platform/event"
	"quadrille.dev/services/fulfillment/internal/shipment"
)

// giving is a store that knows a worker for the calls which are intended in its transaction.
type giving interface {
	// Waits tells whether the worker would make one more at once.
	Waits() bool
	// Give has the worker make a call that is taken, once the transaction is committed. If that is never told, the call is lost with its worker.
	Give(call Call)
}

// takeAtOnce takes a call that was intended just now, if a worker waits for it: as if the worker had found it right after the commit.
func takeAtOnce(ctx context.Context, store Store, s shipment.Shipment, at time.Time, events []shipment.Event) []shipment.Event {
	worker, is := store.(giving)
	if !is || !slices.ContainsFunc(events, shipment.Intends) || event.InDoubt(ctx) || Of(s.Call) != First || !worker.Waits() {
		return nil
	}
	taken := s.Take(at)
	if len(taken) > 0 {
		worker.Give(CallOf(Intent{Shipment: s.Apply(taken...), Origin: event.OriginOf(ctx)}))
	}
	return taken
}
