package app

import (
	"context"
	"time"

	"quadrille.dev/platform/event"
	"quadrille.dev/services/fulfillment/internal/shipment"
)

// Cancel undoes what was done for an order that was cancelled.
func Cancel(ctx context.Context, store Store, order shipment.OrderID, at time.Time) error {
	return change(ctx, store, order, at, func(s shipment.Shipment) ([]shipment.Event, error) {
		if event.InDoubt(ctx) {
			return s.CancelInDoubt(at)
		}
		return s.Cancel(at)
	})
}
