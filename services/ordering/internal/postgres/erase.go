package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"quadrille.dev/services/ordering/internal/history"
	"quadrille.dev/services/ordering/internal/order"
)

// KeepErased marks a customer.
func (s *Store) KeepErased(ctx context.Context, customer order.CustomerID) error {
	_, err := s.tx.Exec(ctx, `
		INSERT INTO customers (customer_id, erased) VALUES ($1, true) ON CONFLICT (customer_id) DO UPDATE SET erased = true`,
		customer.UUID)
	if err != nil {
		return fmt.Errorf("mark customer: %w", err)
	}
	return nil
}

// Erase blanks the personal parts of the stored events themselves: a history that forgets only on reading has not forgotten.
func (s *Store) Erase(ctx context.Context, customer order.CustomerID) error {
	if err := s.KeepErased(ctx, customer); err != nil {
		return err
	}
	rows, err := s.tx.Query(ctx, `SELECT order_id FROM orders WHERE customer_id = $1 ORDER BY order_id FOR UPDATE`, customer.UUID)
	if err != nil {
		return fmt.Errorf("lock orders: %w", err)
	}
	ids, err := pgx.CollectRows(rows, scanID)
	if err != nil {
		return fmt.Errorf("lock orders: %w", err)
	}
	orders, err := s.Orders(ctx, ids)
	if err != nil {
		return err
	}
	batch := &pgx.Batch{}
	for _, o := range orders {
		row, err := history.Encode(order.Blank(order.Placed{Placement: o.Placement}))
		if err != nil {
			return err
		}
		batch.Queue(`UPDATE order_events SET schema_version = $2, data = $3 WHERE order_id = $1 AND type = $4`,
			o.ID.UUID, row.Schema, row.Data, row.Type)
	}
	if err := s.tx.SendBatch(ctx, batch).Close(); err != nil {
		return fmt.Errorf("blank events: %w", err)
	}
	return nil
}
