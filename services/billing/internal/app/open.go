package app

import (
	"context"
	"time"

	"quadrille.dev/services/billing/internal/account"
)

// Open opens the account of an order that was placed.
func Open(ctx context.Context, store Store, order account.Order, at time.Time) error {
	erased, err := store.Forgotten(ctx, order.Customer)
	if err != nil {
		return err
	}
	order.Erased = order.Erased || erased
	a, err := store.Account(ctx, order.ID)
	if err != nil {
		return err
	}
	return commit(ctx, store, a, at, a.Open(order, at))
}
