// Package app is what billing does: one use case per file, each within one transaction of the store.
package app

import (
	"context"
	"time"

	"quadrille.dev/platform/event"
	"quadrille.dev/services/billing/internal/account"
	"quadrille.dev/services/billing/internal/party"
	"quadrille.dev/services/billing/internal/refund"
)

// Store holds accounts, refunds and parties, within one transaction.
type Store interface {
	// Account answers the account of an order, a new one if there is none, and locks it.
	Account(ctx context.Context, order account.OrderID) (account.Account, error)
	// Save stores an account as it is after the events, and publishes those that others hear of.
	Save(ctx context.Context, a account.Account, at time.Time, events ...account.Event) error
	// Due answers and locks accounts with a call of the lane that is due, the longest due first. It passes over those that
	// are locked.
	Due(ctx context.Context, lane Lane, at time.Time, limit int) ([]Intent, error)

	Refunds

	// Party answers who a customer is, a party that nothing is known of if there is none, and locks it.
	Party(ctx context.Context, customer account.CustomerID) (party.Party, error)
	// SaveParty stores a party.
	SaveParty(ctx context.Context, p party.Party) error
	// DueParties answers and locks parties with a question that is due, the longest due first. It passes over those that are locked.
	DueParties(ctx context.Context, at time.Time, limit int) ([]party.Party, error)
	// Forget remembers that a customer is erased, and answers which orders are theirs.
	Forget(ctx context.Context, customer account.CustomerID) ([]account.OrderID, error)
	// Forgotten tells whether a customer is erased. Nobody can be until the transaction ends.
	Forgotten(ctx context.Context, customer account.CustomerID) (bool, error)
}

// Refunds holds what goes back for returns. Who needs an account as well takes the refund first.
type Refunds interface {
	// Refund answers the refund of a return, a new one if there is none, and locks it.
	Refund(ctx context.Context, id refund.ReturnID) (refund.Refund, error)
	// SaveRefund stores a refund as it is after the events, and publishes those that others hear of.
	SaveRefund(ctx context.Context, r refund.Refund, at time.Time, events ...refund.Event) error
	// DueRefunds answers and locks refunds with a call of the lane that is due, the longest due first. It passes over those that are locked.
	DueRefunds(ctx context.Context, lane Lane, at time.Time, limit int) ([]RefundIntent, error)
	// Promised answers how much of what an order has paid is promised to returns. While the order's account is locked nothing is added.
	Promised(ctx context.Context, order account.OrderID) (int64, error)
	// CountNote counts one credit note more, and answers how many there are. Two transactions never get the same, and none is left out.
	CountNote(ctx context.Context) (int64, error)
	// CountNotes has at least so many credit notes be there.
	CountNotes(ctx context.Context, least int64) error
}

// Publisher says what others hear of events.
type Publisher struct {
	Account func(a account.Account, at time.Time, events []account.Event) []event.Fact
	Refund  func(r refund.Refund, at time.Time, events []refund.Event) []event.Fact
}

// RefundIntent is a refund that has something to ask, and what the intention came from.
type RefundIntent struct {
	Refund refund.Refund
	Origin event.Origin
}

// Intent is an account that has something to ask, and what the intention came from.
type Intent struct {
	Account account.Account
	Origin  event.Origin
}

// Lane keeps calls that have gone wrong from holding up those that have not been tried.
type Lane int

// The lanes.
const (
	First Lane = iota
	Again
)

// LaneOf is the lane of a call that was handed over so often.
func LaneOf(attempts int) Lane {
	if attempts == 0 {
		return First
	}
	return Again
}

// commit makes events true; without any there is nothing to store. A call that they intend, and that may have been made before, counts
// as made; another is handed over at once if a worker waits for it.
func commit(ctx context.Context, store Store, a account.Account, at time.Time, events []account.Event) error {
	if event.InDoubt(ctx) {
		events = append(events, a.Apply(events...).Doubt(at)...)
	}
	if len(events) == 0 {
		return nil
	}
	after := a.Apply(events...)
	if handed := handOverAtOnce(ctx, store, after, at, events); len(handed) > 0 {
		after, events = after.Apply(handed...), append(events, handed...)
	}
	return store.Save(ctx, after, at, events...)
}
