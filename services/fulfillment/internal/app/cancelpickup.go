package app

import (
	"context"
	"time"

	"quadrille.dev/platform/event"
	"quadrille.dev/services/fulfillment/internal/pickup"
)

// CancelPickup has the carrier not collect the goods of a return, or not any more.
func CancelPickup(ctx context.Context, store Store, asked Asked, at time.Time) error {
	return changePickup(ctx, store, asked.Return, at, func(p pickup.Pickup) ([]pickup.Event, error) {
		if event.InDoubt(ctx) {
			return p.CancelInDoubt(asked.Order, asked.Asker, at), nil
		}
		return p.Cancel(asked.Order, asked.Asker, at), nil
	})
}
