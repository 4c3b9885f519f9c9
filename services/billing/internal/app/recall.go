package app

import (
	"context"
	"time"

	"quadrille.dev/services/billing/internal/account"
	"quadrille.dev/services/billing/internal/refund"
)

// Told is what billing said of an order, before its database was restored from a backup.
type Told struct {
	Order account.OrderID
	Event account.Event
}

// Recall brings an account to where billing said that it is.
func Recall(ctx context.Context, store Store, told Told, at time.Time) error {
	a, err := store.Account(ctx, told.Order)
	if err != nil {
		return err
	}
	return commit(ctx, store, a, at, a.Recall(told.Event, at))
}

// Doubt has calls that were intended, and may have been made before the database was restored, count as made, and answers how many it
// found.
func Doubt(ctx context.Context, store Store, at time.Time, limit int) (found int, err error) {
	due, err := store.Due(ctx, First, at, limit)
	if err != nil {
		return 0, err
	}
	for _, intent := range due {
		events := intent.Account.Doubt(at)
		if err := commit(ctx, store, intent.Account, at, events); err != nil {
			return 0, err
		}
	}
	return len(due), nil
}

// NoteTold is a credit note that billing had issued, before its database was restored from a backup.
type NoteTold struct {
	Return refund.ReturnID
	Event  refund.CreditNoteIssued
}

// RecallNote brings a refund to where billing said that it is, and has its number not be given out again.
func RecallNote(ctx context.Context, store Store, told NoteTold, at time.Time) error {
	r, err := store.Refund(ctx, told.Return)
	if err != nil {
		return err
	}
	if err := store.CountNotes(ctx, refund.NoteCount(told.Event.Number)); err != nil {
		return err
	}
	return commitRefund(ctx, store, r, at, r.Recall(told.Event))
}

// DoubtRefunds has the provider asked whether refunds were made that were intended, and may have been made or called off before the database
// was restored, and answers how many it found.
func DoubtRefunds(ctx context.Context, store Store, at time.Time, limit int) (found int, err error) {
	due, err := store.DueRefunds(ctx, First, at, limit)
	if err != nil {
		return 0, err
	}
	for _, intent := range due {
		if err := commitRefund(ctx, store, intent.Refund, at, intent.Refund.Doubt(at)); err != nil {
			return 0, err
		}
	}
	return len(due), nil
}
