package app

import (
	"context"
	"time"

	"github.com/google/uuid"
)

// Deduct has the goods of an order leave, because their shipment is arranged.
func Deduct(ctx context.Context, store Store, orderID uuid.UUID, at time.Time) error {
	r, err := store.Reservation(ctx, orderID)
	if err != nil {
		return err
	}
	events := r.Deduct()
	return store.Save(ctx, r, at, events...)
}
