package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"quadrille.dev/platform/erasure"
	"quadrille.dev/services/ordering/internal/history"
	"quadrille.dev/services/ordering/internal/order"
	"quadrille.dev/services/ordering/internal/returns"
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
	return erasure.Forgotten(ctx, s.tx, customer.UUID)
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
	if err := s.blank(ctx, batch, customer); err != nil {
		return err
	}
	if err := s.blankReturns(ctx, batch, customer); err != nil {
		return err
	}
	if err := s.tx.SendBatch(ctx, batch).Close(); err != nil {
		return fmt.Errorf("blank events: %w", err)
	}
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

// blank queues what blanks the events of the customer's orders.
func (s *Store) blank(ctx context.Context, batch *pgx.Batch, customer order.CustomerID) error {
	rows, err := s.tx.Query(ctx, `
		SELECT order_id, e.version, type, schema_version, data
		FROM order_events e JOIN orders USING (order_id) WHERE customer_id = $1`, customer.UUID)
	if err != nil {
		return fmt.Errorf("read events: %w", err)
	}
	var (
		id      order.ID
		version int64
		row     history.Row
	)
	_, err = pgx.ForEachRow(rows, []any{&id.UUID, &version, &row.Type, &row.Schema, &row.Data}, func() error {
		event, err := history.Decode(row)
		if err != nil {
			return fmt.Errorf("order %s, event %d: %w", id, version, err)
		}
		blanked, err := history.Encode(order.Blank(event))
		batch.Queue(`UPDATE order_events SET schema_version = $3, data = $4 WHERE order_id = $1 AND version = $2`,
			id.UUID, version, blanked.Schema, blanked.Data)
		return err
	})
	if err != nil {
		return fmt.Errorf("read events: %w", err)
	}
	return nil
}

// blankReturns queues what blanks the events of the customer's returns.
func (s *Store) blankReturns(ctx context.Context, batch *pgx.Batch, customer order.CustomerID) error {
	rows, err := s.tx.Query(ctx, `
		SELECT return_id, e.version, type, schema_version, data
		FROM return_events e JOIN returns USING (return_id) JOIN orders USING (order_id) WHERE customer_id = $1`, customer.UUID)
	if err != nil {
		return fmt.Errorf("read events: %w", err)
	}
	var (
		id      returns.ID
		version int64
		row     history.Row
	)
	_, err = pgx.ForEachRow(rows, []any{&id.UUID, &version, &row.Type, &row.Schema, &row.Data}, func() error {
		event, err := history.DecodeReturn(row)
		if err != nil {
			return fmt.Errorf("return %s, event %d: %w", id, version, err)
		}
		blanked, err := history.EncodeReturn(returns.Blank(event))
		batch.Queue(`UPDATE return_events SET schema_version = $3, data = $4 WHERE return_id = $1 AND version = $2`,
			id.UUID, version, blanked.Schema, blanked.Data)
		return err
	})
	if err != nil {
		return fmt.Errorf("read events: %w", err)
	}
	return nil
}
