// Package deadlines cancels orders that were not fulfilled in time, and forgets old requests.
package deadlines

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"quadrille.dev/services/ordering/internal/app"
)

const (
	// batch bounds the orders of one transaction.
	batch = 50
	// longest and shortest bound how long nobody looks. A deadline set by another instance is found after the longest.
	longest  = 5 * time.Second
	shortest = 5 * time.Millisecond
	// sweep is how often old requests are forgotten.
	sweep = time.Hour
)

// Books is what the watch works on.
type Books interface {
	InTx(ctx context.Context, use func(app.Store) error) error
	// NextDue is the earliest deadline of an undecided order; false if there is none.
	NextDue(ctx context.Context) (time.Time, bool, error)
}

// Watch works off deadlines. They are rows, so that they outlive the program; several instances share them.
type Watch struct {
	books Books
	log   *slog.Logger
	woken chan struct{}
	swept time.Time
}

// New makes a watch; Run keeps it.
func New(books Books, log *slog.Logger) *Watch {
	return &Watch{books: books, log: log, woken: make(chan struct{}, 1)}
}

// Wake has the watch look for a new deadline.
func (w *Watch) Wake() {
	select {
	case w.woken <- struct{}{}:
	default:
	}
}

// Run works until ctx ends. What fails is logged and tried again.
func (w *Watch) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		wait, err := w.Once(ctx, time.Now())
		if err != nil && ctx.Err() == nil {
			w.log.WarnContext(ctx, "deadlines could not be worked off", "error", err)
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
		case <-w.woken:
		case <-timer.C:
		}
		timer.Stop()
	}
	return nil
}

// Once does all that is due at a time, and answers how long to wait for more.
func (w *Watch) Once(ctx context.Context, at time.Time) (time.Duration, error) {
	for expired := batch; expired == batch; {
		err := w.books.InTx(ctx, func(store app.Store) error {
			var err error
			expired, err = app.Expire(ctx, store, at, batch)
			return err
		})
		if err != nil {
			return longest, err
		}
	}
	if err := w.sweep(ctx, at); err != nil {
		return longest, err
	}
	due, any, err := w.books.NextDue(ctx)
	if err != nil || !any {
		return longest, err
	}
	return min(max(due.Sub(at), shortest), longest), nil
}

func (w *Watch) sweep(ctx context.Context, at time.Time) error {
	if at.Sub(w.swept) < sweep {
		return nil
	}
	if err := w.books.InTx(ctx, func(store app.Store) error { return store.Forget(ctx, at) }); err != nil {
		return fmt.Errorf("forget old requests: %w", err)
	}
	w.swept = at
	return nil
}
