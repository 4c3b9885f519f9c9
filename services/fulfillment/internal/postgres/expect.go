package postgres

import (
	"context"
	"time"

	"github.com/google/uuid"

	"quadrille.dev/services/fulfillment/internal/shipment"
)

// Expect locks the shipments of orders, in one round trip and in one order, and remembers them until somebody asks.
func (s *Store) Expect(ctx context.Context, orders []shipment.OrderID) error {
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
func (s *Store) ExpectForgotten(ctx context.Context, customer shipment.CustomerID) error {
	return s.asked.Ahead(ctx, s.tx, customer.UUID)
}

// saved notes how a shipment is now, as if it had been read.
func (s *Store) saved(p shipment.Shipment) {
	if _, expected := s.expected[p.Order]; expected {
		p.Call.DueAt = p.Call.DueAt.UTC().Truncate(time.Microsecond)
		s.expected[p.Order] = p
	}
}
