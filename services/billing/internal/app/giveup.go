package app

import (
	"context"
	"time"

	"quadrille.dev/platform/event"
	"quadrille.dev/services/billing/internal/account"
)

// GiveUp undoes what was done for an order that will not be fulfilled.
func GiveUp(ctx context.Context, store Store, order account.OrderID, at time.Time) error {
	a, err := store.Account(ctx, order)
	if err != nil {
		return err
	}
	if event.InDoubt(ctx) {
		return commit(ctx, store, a, at, a.GiveUpInDoubt(at))
	}
	return commit(ctx, store, a, at, a.GiveUp(at))
}
