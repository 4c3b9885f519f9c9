// Package app is what billing does: one use case per file, each within one transaction of the store.
package app

import (
	"context"
	"time"

	"quadrille.dev/platform/event"
	"quadrille.dev/services/billing/internal/account"
	"quadrille.dev/services/billing/internal/party"
)

// Store holds accounts and parties, within one transaction.
type Store interface {
	// Account answers the account of an order, a new one if there is none, and locks it.
	Account(ctx context.Context, order account.OrderID) (account.Account, error)
	// Save stores an account as it is after the events, and publishes those that others hear of.
	Save(ctx context.Context, a account.Account, at time.Time, events ...account.Event) error
	// Due answers and locks accounts with a call of the lane that is due, the longest due first. It passes over those that
	// are locked.
	Due(ctx context.Context, lane Lane, at time.Time, limit int) ([]Intent, error)

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

// Of is the lane of a call.
func Of(call account.Call) Lane {
	if call.Attempts == 0 {
		return First
	}
	return Again
}

// commit makes events true; without any there is nothing to store. A call that they intend, and that may have been made before, counts
// as made.
func commit(ctx context.Context, store Store, a account.Account, at time.Time, events []account.Event) error {
	if event.InDoubt(ctx) {
		events = append(events, a.Apply(events...).Doubt(at)...)
	}
	if len(events) == 0 {
		return nil
	}
	return store.Save(ctx, a.Apply(events...), at, events...)
}
