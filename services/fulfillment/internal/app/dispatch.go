package app

import (
	"context"
	"time"

	"quadrille.dev/services/fulfillment/internal/shipment"
)

// Dispatch hands over the parcel of an order that is fulfilled.
func Dispatch(ctx context.Context, store Store, order shipment.OrderID, at time.Time) error {
	return change(ctx, store, order, at, func(s shipment.Shipment) ([]shipment.Event, error) { return s.Fulfil(at) })
}
