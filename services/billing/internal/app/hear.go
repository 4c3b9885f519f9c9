package app

import (
	"context"
	"time"

	"quadrille.dev/services/billing/internal/account"
)

// Answer is what the provider said to a call.
type Answer struct {
	Outcome Outcome
	// Reference is the provider's name for what it did.
	Reference string
	// Reason is why it refused, or why its answer is lost.
	Reason string
}

// Outcome is how a call ended.
type Outcome int

// The outcomes. After Lost nobody knows whether the provider did it.
const (
	Lost Outcome = iota
	Done
	Refused
)

// Hear stores the answer to a call. A refund that is refused counts as lost: it is owed, and asked for again.
func Hear(ctx context.Context, store Store, call Call, answer Answer, patience account.Patience, at time.Time) error {
	a, err := store.Account(ctx, call.Order)
	if err != nil {
		return err
	}
	events, err := follow(a, call.Operation, answer, patience, at)
	if err != nil {
		return err
	}
	return commit(ctx, store, a, at, events)
}

func follow(
	a account.Account, operation account.Operation, answer Answer, patience account.Patience, at time.Time,
) ([]account.Event, error) {
	switch {
	case operation == account.Charge && answer.Outcome == Done:
		return a.Capture(answer.Reference, at)
	case operation == account.Charge && answer.Outcome == Refused:
		return a.Decline(answer.Reason)
	case operation == account.Refund && answer.Outcome == Done:
		return a.PayBack(answer.Reference)
	default:
		return a.Lose(operation, answer.Reason, patience, at), nil
	}
}
