package app

import (
	"context"
	"time"

	"quadrille.dev/services/billing/internal/account"
)

// Told is what billing said of an order, before its database was restored from a backup.
type Told struct {
	Order account.OrderID
	Event account.Event
}

// Recall brings an account to where billing said that it is.
func Recall(ctx context.Context, store Store, told Told, at time.Time) error {
	a, err := store.Account(ctx, told.Order)
	if err != nil {
		return err
	}
	return commit(ctx, store, a, at, a.Recall(told.Event, at))
}

// Doubt has calls that were intended, and may have been made before the database was restored, count as made, and answers how many it
// found.
func Doubt(ctx context.Context, store Store, at time.Time, limit int) (found int, err error) {
	due, err := store.Due(ctx, First, at, limit)
	if err != nil {
		return 0, err
	}
	for _, intent := range due {
		events := intent.Account.Doubt(at)
		if err := commit(ctx, store, intent.Account, at, events); err != nil {
			return 0, err
		}
	}
	return len(due), nil
}
