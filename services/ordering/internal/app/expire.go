package app

import (
	"context"
	"fmt"
	"time"
)

// Expire cancels up to limit orders whose deadline has passed, and answers how many.
func Expire(ctx context.Context, store Store, at time.Time, limit int) (int, error) {
	due, err := store.Due(ctx, at, limit)
	if err != nil {
		return 0, fmt.Errorf("find orders past their deadline: %w", err)
	}
	for _, id := range due {
		o, err := store.Order(ctx, id)
		if err != nil {
			return 0, fmt.Errorf("load order %s: %w", id, err)
		}
		if err := store.Save(ctx, o, at, o.Expire(at)...); err != nil {
			return 0, fmt.Errorf("save order %s: %w", id, err)
		}
	}
	return len(due), nil
}
