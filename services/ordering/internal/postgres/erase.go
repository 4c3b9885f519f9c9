package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"quadrille.dev/platform/erasure"
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

// Erased tells whether a customer was erased.
func (s *Store) Erased(ctx context.Context, customer order.CustomerID) (bool, error) {
	return s.asked.Forgotten(ctx, s.tx, customer.UUID)
}

// ExpectErased finds out whether a customer is erased, with what is asked next.
func (s *Store) ExpectErased(ctx context.Context, customer order.CustomerID) error {
	return s.asked.Ahead(ctx, s.tx, customer.UUID)
}

// Erase blanks the personal parts of the stored events themselves: a history that forgets only on reading has not forgotten. The
// customer's requests go too, with the digests of what is blanked.
func (s *Store) Erase(ctx context.Context, customer order.CustomerID) error {
	err := erasure.Forget(ctx, s.tx, customer.UUID, func(ctx context.Context) ([]string, error) { return s.aggregatesOf(ctx, customer) })
	if err != nil {
		return err
	}
	if err := s.KeepErased(ctx, customer); err != nil {
		return err
	}
	batch := &pgx.Batch{}
	batch.Queue(`
		DELETE FROM requests WHERE principal = $2 OR order_id IN (SELECT order_id FROM orders WHERE customer_id = $1)
		                        OR order_id IN (SELECT return_id FROM returns JOIN orders USING (order_id) WHERE customer_id = $1)`,
		customer.UUID, customer.String())
	if err := orders.blank(ctx, s.tx, batch, customer); err != nil {
		return err
	}
	if err := goingBack.blank(ctx, s.tx, batch, customer); err != nil {
		return err
	}
	if err := s.tx.SendBatch(ctx, batch).Close(); err != nil {
		return fmt.Errorf("blank events: %w", err)
	}
	clear(s.expected)
	return nil
}

// aggregatesOf are the ids of the customer's orders and returns.
func (s *Store) aggregatesOf(ctx context.Context, customer order.CustomerID) ([]string, error) {
	rows, err := s.tx.Query(ctx, `
		SELECT order_id::text FROM orders WHERE customer_id = $1
		UNION ALL SELECT return_id::text FROM returns JOIN orders USING (order_id) WHERE customer_id = $1`, customer.UUID)
	if err != nil {
		return nil, fmt.Errorf("find orders and returns: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}
