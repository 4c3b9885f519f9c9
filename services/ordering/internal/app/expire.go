package app

import (
	"context"
	"fmt"
	"time"

	"quadrille.dev/services/ordering/internal/order"
)

// Expire cancels up to limit orders whose deadline has passed, all or none, and answers how many there are, also with an error about
// one of them.
func Expire(ctx context.Context, store Store, at time.Time, limit int) (int, error) {
	due, err := store.Due(ctx, at, limit)
	if err != nil {
		return 0, fmt.Errorf("find orders past their deadline: %w", err)
	}
	for _, id := range due {
		if err := ExpireOrder(ctx, store, id, at); err != nil {
			return len(due), err
		}
	}
	return len(due), nil
}

// ExpireOrder cancels an order if its deadline has passed and it is undecided.
func ExpireOrder(ctx context.Context, store Store, id order.ID, at time.Time) error {
	o, err := store.Order(ctx, id)
	if err != nil {
		return fmt.Errorf("load order %s: %w", id, err)
	}
	if err := store.Save(ctx, o, at, o.Expire(at)...); err != nil {
		return fmt.Errorf("save order %s: %w", id, err)
	}
	return nil
}
