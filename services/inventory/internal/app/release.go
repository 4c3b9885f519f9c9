package app

import (
	"context"
	"time"

	"github.com/google/uuid"
)

// Release frees the goods of an order or puts them back, because the payment came to nothing.
func Release(ctx context.Context, store Store, orderID uuid.UUID, at time.Time) error {
	r, err := store.Reservation(ctx, orderID)
	if err != nil {
		return err
	}
	events := r.Release()
	return store.Save(ctx, r, at, events...)
}
