package app

import (
	"context"
	"time"

	"quadrille.dev/services/billing/internal/account"
)

// Open opens the account of an order that was placed.
func Open(ctx context.Context, store Store, order account.Order, at time.Time) error {
	a, err := store.Account(ctx, order.ID)
	if err != nil {
		return err
	}
	return commit(ctx, store, a, at, a.Open(order, at))
}
