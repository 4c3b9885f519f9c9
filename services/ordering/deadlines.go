package ordering

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"quadrille.dev/services/ordering/internal/app"
	"quadrille.dev/services/ordering/internal/order"
)

// batch bounds the orders that are cancelled in one transaction.
const batch = 50

const (
	// longestWait and shortestWait bound how long nobody looks. A deadline set by another instance is found after the longest.
	longestWait  = 5 * time.Second
	shortestWait = 5 * time.Millisecond
)

// books is what a watch works on.
type books interface {
	InTx(ctx context.Context, use func(app.Store) error) error
	// NextDue is the earliest deadline of an undecided order; false if there is none.
	NextDue(ctx context.Context) (time.Time, bool, error)
}

// watch cancels orders that were not fulfilled in time. Deadlines are rows, so that they outlive the program; several instances share
// them.
type watch struct {
	books books
	log   *slog.Logger
	woken chan struct{}
}

// newWatch makes a watch; run keeps it.
func newWatch(books books, log *slog.Logger) *watch {
	return &watch{books: books, log: log, woken: make(chan struct{}, 1)}
}

// wake has the watch look for a new deadline.
func (w *watch) wake() {
	select {
	case w.woken <- struct{}{}:
	default:
	}
}

// run works until ctx ends. What fails is logged and tried again.
func (w *watch) run(ctx context.Context) error {
	for ctx.Err() == nil {
		wait, err := w.once(ctx, time.Now())
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

// once does all that is due at a time, and answers how long to wait for more.
func (w *watch) once(ctx context.Context, at time.Time) (time.Duration, error) {
	for more := true; more; {
		expired := 0
		err := w.books.InTx(ctx, func(store app.Store) (err error) {
			expired, err = app.Expire(ctx, store, at, batch)
			return err
		})
		switch {
		case err != nil && expired > 0:
			return longestWait, errors.Join(err, w.oneByOne(ctx, at))
		case err != nil:
			return longestWait, err
		}
		more = expired == batch
	}
	due, any, err := w.books.NextDue(ctx)
	if err != nil || !any {
		return longestWait, err
	}
	return min(max(due.Sub(at), shortestWait), longestWait), nil
}

// patience bounds the orders that are tried one by one.
const patience = 1_000

// oneByOne cancels what is due with a transaction each, after a batch of them has failed: an order that cannot be cancelled, because
// this version cannot read its events, say, is to hold back no other.
func (w *watch) oneByOne(ctx context.Context, at time.Time) error {
	var due []order.ID
	err := w.books.InTx(ctx, func(store app.Store) (err error) {
		due, err = store.Due(ctx, at, patience)
		return err
	})
	if err != nil {
		return err
	}
	var failures []error
	for _, id := range due {
		failures = append(failures, w.books.InTx(ctx, func(store app.Store) error { return app.ExpireOrder(ctx, store, id, at) }))
	}
	return errors.Join(failures...)
}
