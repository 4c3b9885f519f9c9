package app

import (
	"context"
	"time"

	"quadrille.dev/platform/event"
	"quadrille.dev/platform/money"
	"quadrille.dev/services/billing/internal/account"
)

// Call is something to ask of the payment provider, outside of any transaction.
type Call struct {
	Order     account.OrderID
	Operation account.Operation
	Amount    money.Money
	// Token is what a charge is made to, ChargeID what a refund is made of.
	Token    string
	ChargeID string
	// Attempt is 1 when it is asked for the first time.
	Attempt int
	Origin  event.Origin
}

// Key is the same however often the call is made, so that it takes effect once.
func (c Call) Key() string { return string(c.Operation) + "-" + c.Order.String() }

// HandOver takes what is due and is about to be asked. From then on it cannot be called off.
func HandOver(ctx context.Context, store Store, lane Lane, at time.Time, limit int) ([]Call, error) {
	due, err := store.Due(ctx, lane, at, limit)
	if err != nil {
		return nil, err
	}
	var calls []Call
	for _, intent := range due {
		events := intent.Account.HandOver(at)
		if len(events) == 0 {
			continue
		}
		intent.Account = intent.Account.Apply(events...)
		if err := store.Save(ctx, intent.Account, at, events...); err != nil {
			return nil, err
		}
		calls = append(calls, CallOf(intent))
	}
	return calls, nil
}

// CallOf is the call that an account waits for.
func CallOf(intent Intent) Call {
	a := intent.Account
	return Call{
		Order: a.Order, Operation: a.Call.Operation, Amount: a.Total, Token: a.Token, ChargeID: a.Payment.ChargeID,
		Attempt: a.Call.Attempts, Origin: intent.Origin,
	}
}
