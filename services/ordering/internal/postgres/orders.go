package postgres

import (
	"context"
	"fmt"
	"maps"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"quadrille.dev/platform/event"
	"quadrille.dev/platform/outbox"
	"quadrille.dev/platform/postgres"
	"quadrille.dev/services/ordering/internal/app"
	"quadrille.dev/services/ordering/internal/order"
)

// Order locks an order and derives it from its events, unless it was expected.
func (s *Store) Order(ctx context.Context, id order.ID) (order.Order, error) {
	if known, expected := s.expected[id]; expected {
		return known, nil
	}
	return orders.one(ctx, s.tx, id)
}

// Expect locks orders, in one round trip and in one order, and remembers them until somebody asks.
func (s *Store) Expect(ctx context.Context, ids []order.ID) error {
	locked, err := orders.locked(ctx, s.tx, ids...)
	if err != nil {
		return err
	}
	maps.Copy(s.expected, locked)
	return nil
}

// Orders reads the events of all orders in one query.
func (r Reader) Orders(ctx context.Context, ids []order.ID) ([]order.Order, error) {
	return orders.all(ctx, r.q, ids)
}

// Save appends events and publishes the facts among them. The order must be locked, or new.
func (s *Store) Save(ctx context.Context, o order.Order, at time.Time, events ...order.Event) error {
	if len(events) == 0 {
		return nil
	}
	var facts []event.Envelope
	batch := &pgx.Batch{}
	after := o.After(at, events...)
	s.keepVersion(batch, o, after)
	for _, recorded := range o.Record(at, events...) {
		if err := orders.keep(batch, o.ID, recorded); err != nil {
			return err
		}
		if fact, public := s.publish.Order(after, recorded); public {
			facts = append(facts, event.New(ctx, fact))
		}
	}
	if _, expected := s.expected[o.ID]; expected {
		s.expected[o.ID] = after
	}
	return s.write(ctx, batch, facts)
}

// write does what is queued, and publishes facts.
func (s *Store) write(ctx context.Context, batch *pgx.Batch, facts []event.Envelope) error {
	s.changed = true
	if err := postgres.Later(ctx, s.tx, "append events", batch); err != nil {
		return err
	}
	if len(facts) == 0 {
		return nil
	}
	return outbox.Append(ctx, s.tx, facts...)
}

func (s *Store) keepVersion(batch *pgx.Batch, before, after order.Order) {
	if before.Status == order.StatusUnknown {
		batch.Queue(`INSERT INTO orders (order_id, customer_id, number, placed_at, version) VALUES ($1, $2, $3, $4, $5)`,
			after.ID.UUID, after.CustomerID.UUID, after.Number, after.PlacedAt, after.Version)
	} else {
		batch.Queue(`UPDATE orders SET version = $2 WHERE order_id = $1`, after.ID.UUID, after.Version)
	}
	undecidedBefore, undecided := before.Status == order.StatusPlaced, after.Status == order.StatusPlaced
	switch {
	case undecided && !undecidedBefore:
		batch.Queue(`INSERT INTO deadlines (order_id, due_at) VALUES ($1, $2)`, after.ID.UUID, after.Deadline)
		s.waits(after.Deadline)
	case undecidedBefore && !undecided:
		batch.Queue(`DELETE FROM deadlines WHERE order_id = $1`, after.ID.UUID)
	}
}

// OrdersOf finds a page of orders and reads their events.
func (r Reader) OrdersOf(ctx context.Context, customer order.CustomerID, page app.Page) (app.OrderPage, error) {
	var total int
	err := r.q.QueryRow(ctx, `SELECT count(*) FROM orders WHERE customer_id = $1`, customer.UUID).Scan(&total)
	if err != nil {
		return app.OrderPage{}, fmt.Errorf("count orders: %w", err)
	}
	rows, err := r.q.Query(ctx, `
		SELECT order_id FROM orders
		WHERE customer_id = $1 AND (placed_at, order_id) < ($2, $3)
		ORDER BY placed_at DESC, order_id DESC LIMIT $4`,
		customer.UUID, before(page.After), page.After.ID.UUID, page.First+1)
	if err != nil {
		return app.OrderPage{}, fmt.Errorf("list orders: %w", err)
	}
	ids, err := pgx.CollectRows(rows, scanID)
	if err != nil {
		return app.OrderPage{}, fmt.Errorf("list orders: %w", err)
	}
	more := len(ids) > page.First
	found, err := r.Orders(ctx, ids[:min(len(ids), page.First)])
	return app.OrderPage{Orders: found, More: more, Total: total}, err
}

// before is the moment that the orders after a position were placed at or before; the end of time if they are all.
func before(after app.Position) pgtype.Timestamptz {
	if (after == app.Position{}) {
		return pgtype.Timestamptz{InfinityModifier: pgtype.Infinity, Valid: true}
	}
	return pgtype.Timestamptz{Time: after.PlacedAt, Valid: true}
}

func scanID(row pgx.CollectableRow) (order.ID, error) {
	var id order.ID
	return id, row.Scan(&id.UUID)
}

// Due passes over locked orders, so that several instances share the work, and so that none waits for another.
func (s *Store) Due(ctx context.Context, at time.Time, limit int) ([]order.ID, error) {
	rows, err := s.tx.Query(ctx, `
		SELECT order_id FROM deadlines JOIN orders USING (order_id)
		WHERE due_at <= $1 ORDER BY due_at, order_id LIMIT $2 FOR UPDATE OF orders SKIP LOCKED`, at, limit)
	if err != nil {
		return nil, fmt.Errorf("find deadlines: %w", err)
	}
	return pgx.CollectRows(rows, scanID)
}
