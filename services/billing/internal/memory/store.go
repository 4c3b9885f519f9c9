// Package memory keeps billing's accounts in memory, for exploration and for fast tests.
package memory

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"quadrille.dev/platform/event"
	"quadrille.dev/platform/testkit"
	"quadrille.dev/services/billing/internal/account"
	"quadrille.dev/services/billing/internal/app"
	"quadrille.dev/services/billing/internal/party"
	"quadrille.dev/services/billing/internal/refund"
)

// Accounts is all that billing knows.
type Accounts struct {
	publish   app.Publisher
	intents   map[account.OrderID]app.Intent
	refunds   map[refund.ReturnID]app.RefundIntent
	notes     int64
	parties   map[account.CustomerID]party.Party
	published []event.Envelope
}

// New knows nothing.
func New(publish app.Publisher) *Accounts {
	return &Accounts{
		publish: publish, intents: map[account.OrderID]app.Intent{}, refunds: map[refund.ReturnID]app.RefundIntent{},
		parties: map[account.CustomerID]party.Party{},
	}
}

// Store is the accounts themselves.
func (s *Accounts) Store() app.Store { return s }

// Clone is a deep copy.
func (s *Accounts) Clone() testkit.Memory[app.Store] {
	return &Accounts{
		publish: s.publish, intents: maps.Clone(s.intents), refunds: maps.Clone(s.refunds), notes: s.notes,
		parties: maps.Clone(s.parties), published: slices.Clone(s.published),
	}
}

// State is every account, refund and party.
func (s *Accounts) State() any {
	return struct {
		Intents map[account.OrderID]app.Intent
		Refunds map[refund.ReturnID]app.RefundIntent
		Notes   int64
		Parties map[account.CustomerID]party.Party
	}{s.intents, s.refunds, s.notes, s.parties}
}

// Essence leaves out what a call came from: it is told with the facts that follow, for people to read.
func (s *Accounts) Essence() any {
	accounts := map[account.OrderID]account.Account{}
	for id, intent := range s.intents {
		accounts[id] = intent.Account
	}
	refunds := map[refund.ReturnID]refund.Refund{}
	for id, intent := range s.refunds {
		refunds[id] = intent.Refund
	}
	return struct {
		Accounts map[account.OrderID]account.Account
		Refunds  map[refund.ReturnID]refund.Refund
		Notes    int64
		Parties  map[account.CustomerID]party.Party
	}{accounts, refunds, s.notes, s.parties}
}

// Published answers the facts published since it was last called.
func (s *Accounts) Published() []event.Envelope {
	published := s.published
	s.published = nil
	return published
}

// Account answers the account of an order, a new one if there is none.
func (s *Accounts) Account(_ context.Context, order account.OrderID) (account.Account, error) {
	if known, ok := s.intents[order]; ok {
		return known.Account, nil
	}
	return account.New(order), nil
}

// Save stores an account and publishes what others hear of the events.
func (s *Accounts) Save(ctx context.Context, a account.Account, at time.Time, events ...account.Event) error {
	stored := app.Intent{Account: a, Origin: s.intents[a.Order].Origin}
	if a.Call.Operation != account.NoOperation && a.Call.Attempts == 0 {
		stored.Origin = event.OriginOf(ctx)
	}
	s.intents[a.Order] = stored
	for _, fact := range s.publish.Account(a, at, events) {
		s.published = append(s.published, event.New(ctx, fact))
	}
	return nil
}

// Due answers accounts with a call of the lane that is due.
func (s *Accounts) Due(_ context.Context, lane app.Lane, at time.Time, limit int) ([]app.Intent, error) {
	due := s.waiting(func(call account.Call) bool { return app.LaneOf(call.Attempts) == lane && !call.DueAt.After(at) })
	return due[:min(limit, len(due))], nil
}

// Asked answers the accounts whose call is handed over and not answered.
func (s *Accounts) Asked() []app.Intent {
	return s.waiting(func(call account.Call) bool { return call.Attempts > 0 })
}

// waiting answers accounts by their call, the longest due first.
func (s *Accounts) waiting(which func(account.Call) bool) []app.Intent {
	var found []app.Intent
	for _, intent := range s.intents {
		if call := intent.Account.Call; call.Operation != account.NoOperation && which(call) {
			found = append(found, intent)
		}
	}
	slices.SortFunc(found, func(x, y app.Intent) int {
		return cmp.Or(x.Account.Call.DueAt.Compare(y.Account.Call.DueAt),
			slices.Compare(x.Account.Order.UUID[:], y.Account.Order.UUID[:]))
	})
	return found
}
