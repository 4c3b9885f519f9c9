package app

import (
	"context"
	"time"

	"quadrille.dev/platform/event"
	"quadrille.dev/services/billing/internal/account"
	"quadrille.dev/services/billing/internal/refund"
)

// Refund gives back what is asked for, if the order has paid as much.
func Refund(ctx context.Context, store Store, c refund.Command, at time.Time) error {
	r, err := store.Refund(ctx, c.Return)
	if err != nil {
		return err
	}
	charge, err := chargeOf(ctx, store, c.Order)
	if err != nil {
		return err
	}
	if event.MayRepeat(ctx) {
		return commitRefund(ctx, store, r, at, r.AskAgain(c, charge, at))
	}
	return commitRefund(ctx, store, r, at, r.Ask(c, charge, at))
}

// CallOffRefund has money never be given back that the provider has not been asked for.
func CallOffRefund(ctx context.Context, store Store, c refund.Command, at time.Time) error {
	r, err := store.Refund(ctx, c.Return)
	if err != nil {
		return err
	}
	if event.InDoubt(ctx) {
		return commitRefund(ctx, store, r, at, r.CallOffInDoubt(c, at))
	}
	return commitRefund(ctx, store, r, at, r.CallOff(c))
}

// chargeOf is what an order has paid. It keeps what is promised of it as it is until the transaction ends. In doubt, what is promised to others
// says nothing: it may have been given to this return instead, and be asked for now only because that was forgotten. The provider does not
// give back more than it took.
func chargeOf(ctx context.Context, store Store, order account.OrderID) (refund.Charge, error) {
	a, err := store.Account(ctx, order)
	if err != nil {
		return refund.Charge{}, err
	}
	if event.InDoubt(ctx) {
		return refund.ChargeOf(a, 0), nil
	}
	promised, err := store.Promised(ctx, order)
	return refund.ChargeOf(a, promised), err
}

// commitRefund makes events true. Where nothing is to be given back it is, at once.
func commitRefund(ctx context.Context, store Store, r refund.Refund, at time.Time, events []refund.Event) error {
	if next := r.Apply(events...); next.Free() {
		note, err := nextNote(ctx, store)
		if err != nil {
			return err
		}
		given, err := next.GiveBack(refund.NoRefund, note)
		if err != nil {
			return err
		}
		events = append(events, given...)
	}
	if len(events) == 0 {
		return nil
	}
	return store.SaveRefund(ctx, r.Apply(events...), at, events...)
}

func nextNote(ctx context.Context, store Store) (string, error) {
	count, err := store.CountNote(ctx)
	return refund.NoteNumber(count), err
}
