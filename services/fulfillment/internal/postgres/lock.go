package postgres

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"quadrille.dev/services/fulfillment/internal/shipment"
)

const find = `SELECT ` + columns + ` FROM shipments WHERE order_id = ANY ($1) ORDER BY order_id FOR UPDATE`

// lock answers and locks the shipment of an order. It makes one if there is none, so that there is something to lock.
func (s *Store) lock(ctx context.Context, order uuid.UUID) (shipment.Shipment, error) {
	orders := []uuid.UUID{order}
	found, err := s.lockFound(ctx, orders)
	if err != nil {
		return shipment.Shipment{}, err
	}
	if len(found) == 1 {
		return found[0], nil
	}
	var made shipment.Shipment
	batch := &pgx.Batch{}
	batch.Queue(`INSERT INTO shipments (order_id) VALUES ($1) ON CONFLICT DO NOTHING`, order)
	batch.Queue(find, orders).Query(func(rows pgx.Rows) (err error) {
		made, err = pgx.CollectExactlyOneRow(rows, scan)
		return err
	})
	if err := s.tx.SendBatch(ctx, batch).Close(); err != nil {
		return shipment.Shipment{}, fmt.Errorf("make shipment of %s: %w", order, err)
	}
	return made, nil
}

// lockFound locks the shipments of orders that are there, in one order.
func (s *Store) lockFound(ctx context.Context, orders []uuid.UUID) ([]shipment.Shipment, error) {
	rows, err := s.tx.Query(ctx, find, orders)
	if err != nil {
		return nil, fmt.Errorf("lock shipments of %v: %w", orders, err)
	}
	found, err := pgx.CollectRows(rows, scan)
	if err != nil {
		return nil, fmt.Errorf("lock shipments of %v: %w", orders, err)
	}
	return found, nil
}

// lockAll locks the shipments of orders, in one order, and expects them. Those that are not there are expected as new: whoever saves one first
// has made it, and who saves one that somebody else has made meanwhile begins again.
func (s *Store) lockAll(ctx context.Context, orders []uuid.UUID) error {
	found, err := s.lockFound(ctx, orders)
	if err != nil {
		return err
	}
	for _, p := range found {
		s.expected[p.Order] = p
	}
	for _, id := range orders {
		order := shipment.OrderID{UUID: id}
		if _, there := s.expected[order]; !there {
			s.expected[order], s.absent[order] = shipment.New(order), true
		}
	}
	return nil
}
