package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"quadrille.dev/services/fulfillment/internal/shipment"
)

// Expect locks the shipments of orders, in one round trip and in one order, and remembers them until somebody asks.
func (s *Store) Expect(ctx context.Context, orders []shipment.OrderID) error {
	ids := make([]uuid.UUID, len(orders))
	for i, order := range orders {
		ids[i] = order.UUID
	}
	batch := &pgx.Batch{}
	batch.Queue(`INSERT INTO shipments (order_id) SELECT DISTINCT unnest($1::uuid[]) AS id ORDER BY id ON CONFLICT DO NOTHING`, ids)
	batch.Queue(`SELECT `+columns+` FROM shipments WHERE order_id = ANY ($1) ORDER BY order_id FOR UPDATE`, ids).Query(func(rows pgx.Rows) error {
		locked, err := pgx.CollectRows(rows, scan)
		if s.expected == nil {
			s.expected = make(map[shipment.OrderID]shipment.Shipment, len(locked))
		}
		for _, p := range locked {
			s.expected[p.Order] = p
		}
		return err
	})
	if err := s.tx.SendBatch(ctx, batch).Close(); err != nil {
		return fmt.Errorf("lock shipments of %d orders: %w", len(orders), err)
	}
	return nil
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
