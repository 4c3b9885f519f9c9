package app

import (
	"context"
	"errors"
	"fmt"
	"time"

	"quadrille.dev/services/ordering/internal/order"
)

// Told is what ordering said of an order, before its database was restored from a backup.
type Told struct {
	Order order.ID
	Event order.Event
}

// Recall brings an order to where ordering said that it is.
func Recall(ctx context.Context, store Store, told Told, at time.Time) error {
	o, err := store.Order(ctx, told.Order)
	if errors.Is(err, ErrNoOrder) {
		o, err = order.Order{ID: told.Order}, nil
	}
	if err != nil {
		return fmt.Errorf("load order %s: %w", told.Order, err)
	}
	if err := store.Save(ctx, o, at, o.Recall(told.Event)...); err != nil {
		return fmt.Errorf("recall order %s: %w", told.Order, err)
	}
	return nil
}
