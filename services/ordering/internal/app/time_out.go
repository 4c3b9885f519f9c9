package app

import (
	"context"
	"fmt"
	"time"

	"quadrille.dev/services/ordering/internal/returns"
)

// TimeOut has up to limit returns act whose answer is overdue, all or none, and answers how many there are, also with an error about one
// of them.
func TimeOut(ctx context.Context, store Store, pace returns.Pace, at time.Time, limit int) (int, error) {
	due, err := store.DueReturns(ctx, at, limit)
	if err != nil {
		return 0, fmt.Errorf("find returns whose answer is overdue: %w", err)
	}
	for _, id := range due {
		if err := TimeOutReturn(ctx, store, pace, id, at); err != nil {
			return len(due), err
		}
	}
	return len(due), nil
}

// TimeOutReturn has a return ask again, or go back, if its answer is overdue.
func TimeOutReturn(ctx context.Context, store Store, pace returns.Pace, id returns.ID, at time.Time) error {
	_, err := change(ctx, store, id, at, func(r returns.Return) ([]returns.Event, error) { return r.TimeOut(at, pace), nil })
	return err
}
