package app

import (
	"context"
	"time"

	"quadrille.dev/platform/event"
	"quadrille.dev/platform/money"
	"quadrille.dev/services/billing/internal/account"
	"quadrille.dev/services/billing/internal/refund"
)

// RefundCall is something to ask of the payment provider for a return, outside of any transaction.
type RefundCall struct {
	Return    refund.ReturnID
	Order     account.OrderID
	Operation refund.Operation
	Amount    money.Money
	ChargeID  string
	// Attempt is 1 when it is asked for the first time.
	Attempt int
	Origin  event.Origin
}

// Key is the same however often the call is made, so that it takes effect once.
func (c RefundCall) Key() string { return "refund-" + c.Return.String() }

// HandOverRefunds takes what is due and is about to be asked. From then on it cannot be called off.
func HandOverRefunds(ctx context.Context, store Store, lane Lane, at time.Time, limit int) ([]RefundCall, error) {
	due, err := store.DueRefunds(ctx, lane, at, limit)
	if err != nil {
		return nil, err
	}
	var calls []RefundCall
	for _, intent := range due {
		events := intent.Refund.HandOver(at)
		if len(events) == 0 {
			continue
		}
		intent.Refund = intent.Refund.Apply(events...)
		if err := store.SaveRefund(ctx, intent.Refund, at, events...); err != nil {
			return nil, err
		}
		calls = append(calls, RefundCallOf(intent))
	}
	return calls, nil
}

// RefundCallOf is the call that a refund waits for.
func RefundCallOf(intent RefundIntent) RefundCall {
	r := intent.Refund
	return RefundCall{
		Return: r.Return, Order: r.Order, Operation: r.Asks(), Amount: r.Amount, ChargeID: r.ChargeID, Attempt: r.Attempts,
		Origin: intent.Origin,
	}
}

// HearRefund stores the answer to a call. Refused, as an answer to whether the money was given back, is that it was not.
func HearRefund(ctx context.Context, store Store, call RefundCall, answer Answer, patience account.Patience, at time.Time) error {
	r, err := store.Refund(ctx, call.Return)
	if err != nil {
		return err
	}
	events, err := followRefund(ctx, store, r, call.Operation, answer, patience, at)
	if err != nil {
		return err
	}
	return commitRefund(ctx, store, r, at, events)
}

func followRefund(
	ctx context.Context, store Store, r refund.Refund, operation refund.Operation, answer Answer, patience account.Patience, at time.Time,
) ([]refund.Event, error) {
	switch {
	case answer.Outcome == Done && r.Waits():
		note, err := nextNote(ctx, store)
		if err != nil {
			return nil, err
		}
		return r.GiveBack(answer.Reference, note)
	case answer.Outcome == Done:
		return r.GiveBack(answer.Reference, "")
	case answer.Outcome == Refused && operation == refund.Give:
		return r.Refuse(answer.Reason)
	case answer.Outcome == Refused:
		return r.Miss(), nil
	default:
		return r.Lose(operation, patience, at), nil
	}
}
