package app

import (
	"context"
	"time"

	"quadrille.dev/services/fulfillment/internal/shipment"
)

// Forget forgets where an erased customer's parcels go, as soon as the carrier need not be told it any more.
func Forget(ctx context.Context, store Store, customer shipment.CustomerID, at time.Time) error {
	orders, err := store.Forget(ctx, customer)
	if err != nil {
		return err
	}
	for _, order := range orders {
		err := change(ctx, store, order, at, func(s shipment.Shipment) ([]shipment.Event, error) { return s.Forget(), nil })
		if err != nil {
			return err
		}
	}
	return nil
}
