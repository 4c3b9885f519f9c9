package app

import (
	"context"
	"time"

	"github.com/google/uuid"

	"quadrille.dev/services/inventory/internal/stock"
)

// Order is an order that was placed. Each SKU is in one line.
type Order struct {
	ID, CustomerID uuid.UUID
	Lines          []stock.Line
}

// Reserve holds all lines of an order that was placed, or none.
func Reserve(ctx context.Context, store Store, order Order, at time.Time) error {
	r, err := store.Reservation(ctx, order.ID)
	if err != nil {
		return err
	}
	var available map[string]int64
	if r.Undecided() {
		if available, err = store.Available(ctx, skus(order.Lines)); err != nil {
			return err
		}
	}
	events := r.Reserve(order.CustomerID, order.Lines, available)
	return store.Save(ctx, r, at, events...)
}
