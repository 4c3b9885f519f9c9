package app

import (
	"context"
	"slices"
	"time"

	"quadrille.dev/platform/event"
	"quadrille.dev/services/billing/internal/account"
)

// giving is a store that knows a worker for the calls which are intended in its transaction.
type giving interface {
	// Waits tells whether the worker would make one more at once.
	Waits() bool
	// Give has the worker make a call that is handed over, once the transaction is committed. If that is never told, the call is lost with its
	// worker.
	Give(call Call)
}

// handOverAtOnce hands over a call that was intended just now, if a worker waits for it: as if the worker had found it right after the commit.
func handOverAtOnce(ctx context.Context, store Store, a account.Account, at time.Time, events []account.Event) []account.Event {
	worker, is := store.(giving)
	if !is || !slices.ContainsFunc(events, account.Intends) || event.InDoubt(ctx) || a.Call.Attempts > 0 || !worker.Waits() {
		return nil
	}
	handed := a.HandOver(at)
	if len(handed) > 0 {
		worker.Give(CallOf(Intent{Account: a.Apply(handed...), Origin: event.OriginOf(ctx)}))
	}
	return handed
}
