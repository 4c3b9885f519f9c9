package postgres

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"quadrille.dev/platform/event"

	"quadrille.dev/services/chronicle/internal/app"
	"quadrille.dev/services/chronicle/internal/saga"
)

// Retelling is the app.Retelling within tx.
type Retelling struct {
	*Store
	read func(event.Envelope) (app.Fact, error)
}

// NewRetelling makes the store of a transaction; read takes a recorded fact apart.
func NewRetelling(tx pgx.Tx, read func(event.Envelope) (app.Fact, error)) *Retelling {
	return &Retelling{New(tx, func(saga.Saga, app.Fact) {}), read}
}

// Told answers the facts that a saga has heard, in the order in which they are numbered.
func (r *Retelling) Told(ctx context.Context, id string) ([]app.Told, error) {
	rows, err := r.tx.Query(ctx, `
		SELECT recorded_at, envelope FROM facts WHERE correlation_id = $1 AND sequence IS NOT NULL ORDER BY sequence`, id)
	if err != nil {
		return nil, fmt.Errorf("read facts of saga %s: %w", id, err)
	}
	told, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (app.Told, error) {
		var (
			recorded time.Time
			envelope json.RawMessage
			e        event.Envelope
		)
		if err := row.Scan(&recorded, &envelope); err != nil {
			return app.Told{}, err
		}
		if err := json.Unmarshal(envelope, &e); err != nil {
			return app.Told{}, err
		}
		fact, err := r.read(e)
		return app.Told{Fact: fact.Heard(), Recorded: recorded, SKUs: fact.SKUs}, err
	})
	if err != nil {
		return nil, fmt.Errorf("read facts of saga %s: %w", id, err)
	}
	return told, nil
}

// Put stores a saga and the SKUs that it is about.
func (r *Retelling) Put(ctx context.Context, s saga.Saga, skus []string) error {
	heard, err := json.Marshal(s.Heard)
	if err != nil {
		return fmt.Errorf("encode saga %s: %w", s.ID, err)
	}
	batch := &pgx.Batch{}
	batch.Queue(insertSKUs, s.ID, skus)
	batch.Queue(`
		UPDATE sagas SET sequence = $2, state = $3, heard = $4, order_number = $5, customer_id = $6, deadline = $7, started_at = $8,
			last_fact_at = $9, stalled = $10, order_id = $11
		WHERE id = $1`, s.ID, s.Sequence, s.State(), heard, optional(s.Order.Number), optional(s.Order.Customer),
		optional(s.Order.Deadline), s.StartedAt, s.LastFactAt, s.Stalled(), optional(s.Order.ID))
	if err := r.tx.SendBatch(ctx, batch).Close(); err != nil {
		return fmt.Errorf("save saga %s: %w", s.ID, err)
	}
	return nil
}

// Trace is a saga, and how many facts of it happened in a time, which have these names.
type Trace struct {
	ID    string
	Facts int64
	Names []string
}

// Traces finds sagas that have heard a fact that happened in a time, by id, above after.
func (a *Archive) Traces(ctx context.Context, from, to time.Time, after string, first int) ([]Trace, error) {
	var traces []Trace
	batch := &pgx.Batch{}
	batch.Queue(`
		SELECT correlation_id COLLATE "C" AS id, count(*), array_agg(DISTINCT name) FROM facts
		WHERE sequence IS NOT NULL AND occurred_at >= $1 AND ($2::timestamptz IS NULL OR occurred_at < $2)
			AND correlation_id COLLATE "C" > $3
		GROUP BY id ORDER BY id LIMIT $4`, from, optional(to), after, first,
	).Query(func(rows pgx.Rows) (err error) {
		traces, err = pgx.CollectRows(rows, pgx.RowToStructByPos[Trace])
		return err
	})
	if err := a.pool.SendBatch(ctx, plannedAnew(batch)).Close(); err != nil {
		return nil, fmt.Errorf("find sagas: %w", err)
	}
	return traces, nil
}
