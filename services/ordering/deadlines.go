package ordering

import (
	"context"
	"errors"
	"log/slog"
	"math"
	"sync/atomic"
	"time"

	"quadrille.dev/services/ordering/internal/app"
	"quadrille.dev/services/ordering/internal/returns"
)

// batch bounds the orders or returns that are seen to in one transaction.
const batch = 50

const (
	// longestWait and shortestWait bound how long nobody looks. A deadline set by another instance is found after the longest.
	longestWait  = 5 * time.Second
	shortestWait = 5 * time.Millisecond
)

// books is what a watch works on.
type books interface {
	InTx(ctx context.Context, use func(app.Store) error) error
	// NextDue is the earliest deadline of an undecided order or timer of a return; false if there is none.
	NextDue(ctx context.Context) (time.Time, bool, error)
}

// watch cancels orders that were not fulfilled in time, and has returns act that were not answered in time. Deadlines are rows, so that
// they outlive the program; several instances share them.
type watch struct {
	books books
	kinds []kind
	log   *slog.Logger
	woken chan struct{}
	// looks is when it looks next, in nanoseconds of Unix; math.MaxInt64 while it does not know yet.
	looks atomic.Int64
}

// newWatch makes a watch; run keeps it.
func newWatch(books books, pace returns.Pace, log *slog.Logger) *watch {
	return &watch{books: books, kinds: kinds(pace), log: log, woken: make(chan struct{}, 1)}
}

// wake has the watch look for a new deadline, unless it looks before that anyway.
func (w *watch) wake(due time.Time) {
	if due.UnixNano() >= w.looks.Load() {
		return
	}
	select {
	case w.woken <- struct{}{}:
	default:
	}
}

// run works until ctx ends. What fails is logged and tried again.
func (w *watch) run(ctx context.Context) error {
	for ctx.Err() == nil {
		at := time.Now()
		w.looks.Store(math.MaxInt64)
		wait, err := w.once(ctx, at)
		w.looks.Store(at.Add(wait).UnixNano())
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
	var failures []error
	for _, kind := range w.kinds {
		failures = append(failures, kind.workOff(ctx, w.books, at))
	}
	if err := errors.Join(failures...); err != nil {
		return longestWait, err
	}
	due, any, err := w.books.NextDue(ctx)
	if err != nil || !any {
		return longestWait, err
	}
	return min(max(due.Sub(at), shortestWait), longestWait), nil
}
