package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"quadrille.dev/platform/event"
	"quadrille.dev/services/ordering/internal/order"
	"quadrille.dev/services/ordering/internal/returns"
)

// Return locks a return and derives it from its events.
func (s *Store) Return(ctx context.Context, id returns.ID) (returns.Return, error) {
	return goingBack.one(ctx, s.tx, id)
}

// Returns reads the events of all returns in one query.
func (r Reader) Returns(ctx context.Context, ids []returns.ID) ([]returns.Return, error) {
	return goingBack.all(ctx, r.q, ids)
}

// ReturnsOf finds the returns of orders and reads their events.
func (r Reader) ReturnsOf(ctx context.Context, of []order.ID) ([]returns.Return, error) {
	rows, err := r.q.Query(ctx, `
		SELECT return_id FROM returns WHERE order_id = ANY($1) ORDER BY requested_at, return_id`, bare(of...))
	if err != nil {
		return nil, fmt.Errorf("list returns: %w", err)
	}
	ids, err := pgx.CollectRows(rows, scanReturn)
	if err != nil {
		return nil, fmt.Errorf("list returns: %w", err)
	}
	return r.Returns(ctx, ids)
}

func scanReturn(row pgx.CollectableRow) (returns.ID, error) {
	var id returns.ID
	return id, row.Scan(&id.UUID)
}

// SaveReturn appends events and publishes the facts and commands among them. The return must be locked, or new.
func (s *Store) SaveReturn(ctx context.Context, r returns.Return, at time.Time, events ...returns.Event) error {
	if len(events) == 0 {
		return nil
	}
	var facts []event.Envelope
	batch := &pgx.Batch{}
	after := r.After(at, events...)
	s.keepReturn(batch, r, after)
	for _, recorded := range r.Record(at, events...) {
		if err := goingBack.keep(batch, r.ID, recorded); err != nil {
			return err
		}
		if fact, public := s.publish.Return(after, recorded); public {
			facts = append(facts, event.New(ctx, fact))
		}
	}
	return s.write(ctx, batch, facts)
}

func (s *Store) keepReturn(batch *pgx.Batch, before, after returns.Return) {
	if before.State == returns.StateUnknown {
		batch.Queue(`INSERT INTO returns (return_id, order_id, requested_at, version, state) VALUES ($1, $2, $3, $4, $5)`,
			after.ID.UUID, after.OrderID.UUID, after.RequestedAt, after.Version, string(after.State))
	} else {
		batch.Queue(`UPDATE returns SET version = $2, state = $3 WHERE return_id = $1`, after.ID.UUID, after.Version, string(after.State))
	}
	if due, waits := after.Due(); waits {
		batch.Queue(`
			INSERT INTO return_timers (return_id, due_at) VALUES ($1, $2)
			ON CONFLICT (return_id) DO UPDATE SET due_at = EXCLUDED.due_at`, after.ID.UUID, due)
		s.waits(due)
	} else {
		batch.Queue(`DELETE FROM return_timers WHERE return_id = $1`, after.ID.UUID)
	}
}

// DueReturns passes over locked returns, so that several instances share the work, and so that none waits for another.
func (s *Store) DueReturns(ctx context.Context, at time.Time, limit int) ([]returns.ID, error) {
	rows, err := s.tx.Query(ctx, `
		SELECT return_id FROM return_timers JOIN returns USING (return_id)
		WHERE due_at <= $1 ORDER BY due_at, return_id LIMIT $2 FOR UPDATE OF returns SKIP LOCKED`, at, limit)
	if err != nil {
		return nil, fmt.Errorf("find overdue answers: %w", err)
	}
	return pgx.CollectRows(rows, scanReturn)
}

// NeedingOperator counts the returns that need an operator.
func (r Reader) NeedingOperator(ctx context.Context) (int64, error) {
	var count int64
	if err := r.q.QueryRow(ctx, `SELECT count(*) FROM returns WHERE state = 'NEEDS_OPERATOR'`).Scan(&count); err != nil {
		return 0, fmt.Errorf("count returns: %w", err)
	}
	return count, nil
}
