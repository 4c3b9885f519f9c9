package memory

import (
	"cmp"
	"context"
	"slices"
	"time"

	"quadrille.dev/services/billing/internal/account"
	"quadrille.dev/services/billing/internal/party"
)

// Party answers a party, one that nothing is known of if there is none.
func (s *Accounts) Party(_ context.Context, customer account.CustomerID) (party.Party, error) {
	if known, ok := s.parties[customer]; ok {
		return known, nil
	}
	return party.Party{Customer: customer}, nil
}

// SaveParty stores a party.
func (s *Accounts) SaveParty(_ context.Context, p party.Party) error {
	s.parties[p.Customer] = p
	return nil
}

// DueParties answers parties with a question that is due.
func (s *Accounts) DueParties(_ context.Context, at time.Time, limit int) ([]party.Party, error) {
	due := s.Wondering(func(call party.Call) bool { return !call.DueAt.After(at) })
	return due[:min(limit, len(due))], nil
}

// Wondering answers parties by their question, the longest due first.
func (s *Accounts) Wondering(which func(party.Call) bool) []party.Party {
	var found []party.Party
	for _, p := range s.parties {
		if p.Call.Wanted && which(p.Call) {
			found = append(found, p)
		}
	}
	slices.SortFunc(found, func(x, y party.Party) int {
		return cmp.Or(x.Call.DueAt.Compare(y.Call.DueAt), slices.Compare(x.Customer.UUID[:], y.Customer.UUID[:]))
	})
	return found
}

// Forget answers a customer's orders; that they are erased, their party tells.
func (s *Accounts) Forget(_ context.Context, customer account.CustomerID) ([]account.OrderID, error) {
	var orders []account.OrderID
	for order, intent := range s.intents {
		if intent.Account.Opened && intent.Account.Customer == customer {
			orders = append(orders, order)
		}
	}
	slices.SortFunc(orders, func(x, y account.OrderID) int { return slices.Compare(x.UUID[:], y.UUID[:]) })
	return orders, nil
}

// Forgotten tells whether a customer is erased.
func (s *Accounts) Forgotten(_ context.Context, customer account.CustomerID) (bool, error) {
	return s.parties[customer].Erased, nil
}
