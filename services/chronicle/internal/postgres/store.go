// Package postgres keeps facts and sagas in PostgreSQL.
package postgres

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"quadrille.dev/platform/postgres"
	"quadrille.dev/services/chronicle/internal/app"
	"quadrille.dev/services/chronicle/internal/saga"
)

// Store is the app.Store within tx.
type Store struct {
	tx       pgx.Tx
	announce func(saga.Saga, app.Fact)
	// sagas are those that are locked and known as they are, and fresh the facts that are expected and not stored.
	sagas map[string]saga.Saga
	fresh map[uuid.UUID]bool
	// absent are those of the sagas that are not stored yet.
	absent map[string]bool
	// together are those that are to be stored; nil if there are none.
	together *together
}

// New makes the store of a transaction. It calls announce for each saga saved, before the commit: announcing only what is committed
// is up to the caller.
func New(tx pgx.Tx, announce func(saga.Saga, app.Fact)) *Store {
	return &Store{tx: tx, announce: announce, sagas: map[string]saga.Saga{}, fresh: map[uuid.UUID]bool{}, absent: map[string]bool{}}
}

const insertFact = `
	INSERT INTO facts (id, name, version, context, subject, correlation_id, causation_id, occurred_at, recorded_at, envelope, sequence)
	VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
	ON CONFLICT (id) DO NOTHING`

// insertSKUs keeps the SKUs that a saga is about.
const insertSKUs = `INSERT INTO saga_skus (saga_id, sku) SELECT $1, unnest($2::text[]) ON CONFLICT DO NOTHING`

func row(fact app.Fact, recorded time.Time, sequence *int64) []any {
	return []any{
		fact.ID, fact.Name, fact.Version, fact.Context, fact.Subject, fact.CorrelationID, fact.CausationID, fact.At, recorded,
		fact.Envelope, sequence,
	}
}

// Keep stores a fact that belongs to no saga, and the action that it tells of.
func (s *Store) Keep(ctx context.Context, fact app.Fact, recorded time.Time) error {
	s.together = nil // what is saved from now on has arrived later
	batch := &pgx.Batch{}
	batch.Queue(insertFact, row(fact, recorded, nil)...)
	if done := fact.Action; done != nil {
		batch.Queue(`
			INSERT INTO actions (fact_id, at, context, actor, action, target, detail) VALUES ($1, $2, $3, $4, $5, $6, $7)
			ON CONFLICT (fact_id) DO NOTHING`,
			fact.ID, fact.At, fact.Context, done.Actor, done.Action, done.Target, done.Detail)
	}
	return postgres.Later(ctx, s.tx, "keep fact "+fact.ID.String(), batch)
}

// Saga locks a saga. It is one round trip, whether the saga is new or not, and none if it was expected.
func (s *Store) Saga(ctx context.Context, process *saga.Process, id string) (saga.Saga, error) {
	if known, expected := s.sagas[id]; expected {
		return known, nil
	}
	var locked saga.Saga
	batch := &pgx.Batch{}
	batch.Queue(`INSERT INTO sagas (id, kind) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING`, id, process.Kind)
	batch.Queue(`SELECT `+sagaColumns+` FROM sagas WHERE id = $1 FOR UPDATE`, id).Query(func(rows pgx.Rows) (err error) {
		locked, err = pgx.CollectExactlyOneRow(rows, scanSaga(map[string]*saga.Process{process.Kind: process}))
		return err
	})
	if err := s.tx.SendBatch(ctx, batch).Close(); err != nil {
		return saga.Saga{}, fmt.Errorf("lock saga %s: %w", id, err)
	}
	delete(s.absent, id)
	return locked, nil
}

// Save stores the fact, and the saga if the fact is new. What is known to be new is stored with others that are saved one after another.
func (s *Store) Save(ctx context.Context, heard saga.Saga, fact app.Fact, recorded time.Time) error {
	if delete(s.sagas, heard.ID); !s.fresh[fact.ID] {
		return s.saveAlone(ctx, heard, fact, recorded)
	}
	delete(s.fresh, fact.ID)
	s.sagas[heard.ID] = heard
	s.announce(heard, fact)
	return s.add(ctx, heard, fact, recorded)
}

// saveAlone stores what may be stored already.
func (s *Store) saveAlone(ctx context.Context, heard saga.Saga, fact app.Fact, recorded time.Time) error {
	s.together = nil // what is saved from now on has arrived later
	facts, err := json.Marshal(heard.Heard)
	if err != nil {
		return fmt.Errorf("encode saga %s: %w", heard.ID, err)
	}
	batch := &pgx.Batch{}
	if len(fact.SKUs) > 0 {
		batch.Queue(insertSKUs, heard.ID, fact.SKUs)
	}
	batch.Queue(`
		WITH fact AS (`+insertFact+` RETURNING sequence)
		UPDATE sagas SET sequence = fact.sequence, state = $13, heard = $14, order_number = $15, customer_id = $16,
			deadline = $17, started_at = $18, last_fact_at = $19, stalled = $20, order_id = $21
		FROM fact WHERE sagas.id = $12`,
		append(row(fact, recorded, &heard.Sequence), heard.ID, heard.State(), facts, optional(heard.Order.Number),
			optional(heard.Order.Customer), optional(heard.Order.Deadline), heard.StartedAt, heard.LastFactAt, heard.Stalled(),
			optional(heard.Order.ID))...).Exec(func(tag pgconn.CommandTag) error {
		if tag.RowsAffected() == 1 {
			s.announce(heard, fact)
		}
		return nil
	})
	return postgres.Later(ctx, s.tx, "save saga "+heard.ID, batch)
}

// optional is null for a zero value.
func optional[T comparable](value T) *T {
	var zero T
	if value == zero {
		return nil
	}
	return &value
}

const sagaColumns = `id, kind, sequence, heard, order_id, order_number, customer_id, deadline, started_at, last_fact_at`

// scanSaga reads sagaColumns and what follows them, given the processes by kind.
func scanSaga(processes map[string]*saga.Process, more ...any) pgx.RowToFunc[saga.Saga] {
	return func(row pgx.CollectableRow) (saga.Saga, error) {
		var (
			s        saga.Saga
			kind     string
			order    *string
			number   *string
			customer *uuid.UUID
			deadline *time.Time
		)
		columns := []any{&s.ID, &kind, &s.Sequence, &s.Heard, &order, &number, &customer, &deadline, &s.StartedAt, &s.LastFactAt}
		if err := row.Scan(append(columns, more...)...); err != nil {
			return saga.Saga{}, err
		}
		if s.Process = processes[kind]; s.Process == nil {
			return saga.Saga{}, fmt.Errorf("saga %s is of unknown kind %q", s.ID, kind)
		}
		s.Order = saga.Order{ID: zero(order), Number: zero(number), Customer: zero(customer), Deadline: zero(deadline)}
		return s, nil
	}
}

// zero is the zero value for null.
func zero[T any](value *T) T {
	if value == nil {
		return *new(T)
	}
	return *value
}
