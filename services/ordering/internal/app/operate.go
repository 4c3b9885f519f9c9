package app

import (
	"context"
	"time"

	"quadrille.dev/services/ordering/internal/returns"
)

// RetryReturn has it tried again what cannot be undone. ErrNoReturn, or returns.ErrNotStalled if there is no such thing.
func RetryReturn(ctx context.Context, store Store, pace returns.Pace, id returns.ID, at time.Time) (returns.Return, error) {
	return change(ctx, store, id, at, func(r returns.Return) ([]returns.Event, error) { return r.Retry(pace) })
}

// ResolveReturn takes what cannot be undone for undone, and goes on. ErrNoReturn, or returns.ErrNotStalled if there is no such thing.
func ResolveReturn(ctx context.Context, store Store, pace returns.Pace, id returns.ID, at time.Time) (returns.Return, error) {
	return change(ctx, store, id, at, func(r returns.Return) ([]returns.Event, error) { return r.Resolve(pace) })
}
