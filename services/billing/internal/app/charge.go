package app

import (
	"context"
	"time"

	"quadrille.dev/services/billing/internal/account"
)

// Charge asks for the money of an order whose goods are set aside.
func Charge(ctx context.Context, store Store, order account.OrderID, at time.Time) error {
	a, err := store.Account(ctx, order)
	if err != nil {
		return err
	}
	return commit(ctx, store, a, at, a.ReserveStock(at))
}
