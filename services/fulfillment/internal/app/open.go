package app

import (
	"context"
	"time"

	"quadrille.dev/services/fulfillment/internal/shipment"
)

// Open opens the shipment of an order that was placed.
func Open(ctx context.Context, store Store, order shipment.Order, at time.Time) error {
	erased, err := store.Forgotten(ctx, order.Customer)
	if err != nil {
		return err
	}
	order.Erased = order.Erased || erased
	return change(ctx, store, order.ID, at, func(s shipment.Shipment) ([]shipment.Event, error) { return s.Open(order, at), nil })
}
