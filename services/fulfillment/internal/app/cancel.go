package app

import (
	"context"
	"time"

	"quadrille.dev/services/fulfillment/internal/shipment"
)

// Cancel undoes what was done for an order that was cancelled.
func Cancel(ctx context.Context, store Store, order shipment.OrderID, at time.Time) error {
	return change(ctx, store, order, at, func(s shipment.Shipment) ([]shipment.Event, error) { return s.Cancel(at) })
}
