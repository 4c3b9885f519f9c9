package app

import (
	"context"
	"time"

	"quadrille.dev/services/fulfillment/internal/shipment"
)

// Book asks the carrier to come for an order that is paid.
func Book(ctx context.Context, store Store, order shipment.OrderID, at time.Time) error {
	return change(ctx, store, order, at, func(s shipment.Shipment) ([]shipment.Event, error) { return s.Pay(at), nil })
}
