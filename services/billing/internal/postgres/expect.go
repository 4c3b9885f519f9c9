package postgres

import (
	"context"
	"time"

	"github.com/google/uuid"

	"quadrille.dev/services/billing/internal/account"
)

// Expect locks the accounts of orders, in one round trip and in one order, and remembers them until somebody asks.
func (s *Store) Expect(ctx context.Context, orders []account.OrderID) error {
	var missing []uuid.UUID
	for _, order := range orders {
		if _, expected := s.expected[order]; !expected {
			missing = append(missing, order.UUID)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	return s.lockAll(ctx, missing)
}

// ExpectForgotten finds out whether a customer is erased, with what is asked next.
func (s *Store) ExpectForgotten(ctx context.Context, customer account.CustomerID) error {
	return s.asked.Ahead(ctx, s.tx, customer.UUID)
}

// saved notes how an account is now, as if it had been read.
func (s *Store) saved(a account.Account) {
	if _, expected := s.expected[a.Order]; expected {
		a.Call.DueAt = a.Call.DueAt.UTC().Truncate(time.Microsecond)
		s.expected[a.Order] = a
	}
}
