package app

import (
	"context"
	"errors"
	"time"

	"quadrille.dev/services/billing/internal/account"
)

// ErrUnknown is an order that billing has not heard of.
var ErrUnknown = errors.New("no such order")

// Resolution is what an operator has established about a call that has stalled.
type Resolution struct {
	Outcome account.Outcome
	// Reference is the provider's, or anybody's, name for the charge or refund.
	Reference string
	// Reason is why the provider refused.
	Reason string
}

// Retry has a call that has stalled made at once. It answers whether that changed anything.
func Retry(ctx context.Context, store Store, order account.OrderID, at time.Time) (bool, error) {
	return operate(ctx, store, order, at, func(a account.Account) ([]account.Event, error) { return a.Retry(at) })
}

// Resolve ends a call that has stalled as an operator says. It answers whether that changed anything.
func Resolve(ctx context.Context, store Store, order account.OrderID, r Resolution, at time.Time) (bool, error) {
	return operate(ctx, store, order, at, func(a account.Account) ([]account.Event, error) {
		return a.Resolve(r.Outcome, r.Reference, r.Reason, at)
	})
}

func operate(
	ctx context.Context, store Store, order account.OrderID, at time.Time, decide func(account.Account) ([]account.Event, error),
) (bool, error) {
	a, err := store.Account(ctx, order)
	if err != nil {
		return false, err
	}
	if !a.Opened {
		return false, ErrUnknown
	}
	events, err := decide(a)
	if err != nil {
		return false, err
	}
	return len(events) > 0, commit(ctx, store, a, at, events)
}
