package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"quadrille.dev/platform/event"
	"quadrille.dev/platform/outbox"
	"quadrille.dev/services/ordering/internal/app"
	"quadrille.dev/services/ordering/internal/history"
	"quadrille.dev/services/ordering/internal/order"
	"quadrille.dev/services/ordering/internal/returns"
)

// Return locks a return and derives it from its events.
func (s *Store) Return(ctx context.Context, id returns.ID) (returns.Return, error) {
	var version int64
	err := s.tx.QueryRow(ctx, `SELECT version FROM returns WHERE return_id = $1 FOR UPDATE`, id.UUID).Scan(&version)
	if errors.Is(err, pgx.ErrNoRows) {
		return returns.Return{}, app.ErrNoReturn
	}
	if err != nil {
		return returns.Return{}, fmt.Errorf("lock return: %w", err)
	}
	all, err := s.Returns(ctx, []returns.ID{id})
	if err != nil {
		return returns.Return{}, err
	}
	if len(all) != 1 || all[0].Version != version {
		return returns.Return{}, fmt.Errorf("return %s has not the %d events that it should", id, version)
	}
	return all[0], nil
}

// Returns reads the events of all returns in one query.
func (r Reader) Returns(ctx context.Context, ids []returns.ID) ([]returns.Return, error) {
	bare := make([]uuid.UUID, len(ids))
	for i, id := range ids {
		bare[i] = id.UUID
	}
	rows, err := r.q.Query(ctx, `
		SELECT return_id, version, type, schema_version, data, at
		FROM return_events WHERE return_id = ANY($1) ORDER BY return_id, version`, bare)
	if err != nil {
		return nil, fmt.Errorf("read events: %w", err)
	}
	histories := map[returns.ID][]returns.Recorded{}
	var (
		id       returns.ID
		row      history.Row
		recorded returns.Recorded
	)
	_, err = pgx.ForEachRow(rows, []any{&id.UUID, &recorded.Version, &row.Type, &row.Schema, &row.Data, &recorded.At}, func() error {
		if recorded.Event, err = history.DecodeReturn(row); err != nil {
			return fmt.Errorf("return %s, event %d: %w", id, recorded.Version, err)
		}
		recorded.At = recorded.At.UTC()
		histories[id] = append(histories[id], recorded)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read events: %w", err)
	}
	all := make([]returns.Return, 0, len(histories))
	for _, id := range ids {
		if events, exists := histories[id]; exists {
			all = append(all, returns.Rebuild(id, events))
		}
	}
	return all, nil
}

// ReturnsOf finds the returns of orders and reads their events.
func (r Reader) ReturnsOf(ctx context.Context, orders []order.ID) ([]returns.Return, error) {
	rows, err := r.q.Query(ctx, `
		SELECT return_id FROM returns WHERE order_id = ANY($1) ORDER BY requested_at, return_id`, plain(orders))
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
	s.changed = true
	var facts []event.Envelope
	batch := &pgx.Batch{}
	after := r.After(at, events...)
	keepReturn(batch, r, after)
	for _, recorded := range r.Record(at, events...) {
		if err := keepReturnEvent(batch, r.ID, recorded); err != nil {
			return err
		}
		if fact, public := s.publish.Return(after, recorded); public {
			facts = append(facts, event.New(ctx, fact))
		}
	}
	if err := s.tx.SendBatch(ctx, batch).Close(); err != nil {
		return fmt.Errorf("append events: %w", err)
	}
	if len(facts) == 0 {
		return nil
	}
	return outbox.Append(ctx, s.tx, facts...)
}

func keepReturn(batch *pgx.Batch, before, after returns.Return) {
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
	} else {
		batch.Queue(`DELETE FROM return_timers WHERE return_id = $1`, after.ID.UUID)
	}
}

func keepReturnEvent(batch *pgx.Batch, id returns.ID, recorded returns.Recorded) error {
	row, err := history.EncodeReturn(recorded.Event)
	if err != nil {
		return err
	}
	batch.Queue(`
		INSERT INTO return_events (return_id, version, type, schema_version, data, at) VALUES ($1, $2, $3, $4, $5, $6)`,
		id.UUID, recorded.Version, row.Type, row.Schema, row.Data, recorded.At)
	return nil
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
