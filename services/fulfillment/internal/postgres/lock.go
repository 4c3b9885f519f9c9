package postgres

import (
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"quadrille.dev/services/fulfillment/internal/shipment"
)

// lock locks the shipments of orders and notes them in locked. Those that are not there it makes. It is one round trip if all are there, or if
// none is and that was likely.
func (s *Store) lock(ctx context.Context, orders []uuid.UUID, likelyNew bool, locked map[shipment.OrderID]shipment.Shipment) error {
	for looks := !likelyNew; len(orders) > 0; looks = !looks {
		step := s.add
		if looks {
			step = s.find
		}
		shipments, err := step(ctx, orders)
		if err != nil {
			return fmt.Errorf("lock shipments of %d orders: %w", len(orders), err)
		}
		for _, p := range shipments {
			locked[p.Order] = p
		}
		orders = slices.DeleteFunc(orders, func(id uuid.UUID) bool {
			_, done := locked[shipment.OrderID{UUID: id}]
			return done
		})
	}
	return nil
}

// find answers and locks the shipments that are there.
func (s *Store) find(ctx context.Context, orders []uuid.UUID) ([]shipment.Shipment, error) {
	rows, err := s.tx.Query(ctx, `SELECT `+columns+` FROM shipments WHERE order_id = ANY ($1) ORDER BY order_id FOR UPDATE`, orders)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scan)
}

// add makes those shipments that are not there, and answers them. It waits for others who make one.
func (s *Store) add(ctx context.Context, orders []uuid.UUID) ([]shipment.Shipment, error) {
	rows, err := s.tx.Query(ctx, `
		INSERT INTO shipments (order_id) SELECT DISTINCT unnest($1::uuid[]) AS id ORDER BY id ON CONFLICT DO NOTHING RETURNING order_id`, orders)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (shipment.Shipment, error) {
		var order shipment.OrderID
		err := row.Scan(&order.UUID)
		return shipment.New(order), err
	})
}
