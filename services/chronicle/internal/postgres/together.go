package postgres

import (
	"context"
	"encoding/json"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"

	"quadrille.dev/platform/postgres"
	"quadrille.dev/services/chronicle/internal/app"
	"quadrille.dev/services/chronicle/internal/saga"
)

// together are new facts and their sagas, which are stored by a statement for each table, before the transaction asks for anything else. Until
// then more can be added, and a saga is stored only as it is after its last fact.
type together struct {
	facts []numbered
	// made are sagas that are not there yet, moved the others.
	made, moved []saga.Saga
	lines       []line
	// place is where each saga is, among those made or those moved.
	place map[string]*place
}

// numbered is a fact of a saga.
type numbered struct {
	app.Fact
	recorded time.Time
	sequence int64
}

// line is a SKU that a saga is about.
type line struct{ saga, sku string }

type place struct {
	among *[]saga.Saga
	index int
}

// add has a fact that is new, and its saga as it is after that, be stored with others.
func (s *Store) add(ctx context.Context, heard saga.Saga, fact app.Fact, recorded time.Time) error {
	if s.together == nil {
		s.together = &together{place: map[string]*place{}}
		if err := s.storeTogether(ctx, s.together); err != nil {
			return err
		}
	}
	t := s.together
	t.facts = append(t.facts, numbered{fact, recorded, heard.Sequence})
	for _, sku := range fact.SKUs {
		t.lines = append(t.lines, line{heard.ID, sku})
	}
	t.put(heard, s.absent[heard.ID])
	delete(s.absent, heard.ID)
	return nil
}

// put has a saga be stored as it is.
func (t *together) put(heard saga.Saga, absent bool) {
	if p, there := t.place[heard.ID]; there {
		(*p.among)[p.index] = heard
		return
	}
	among := &t.moved
	if absent {
		among = &t.made
	}
	t.place[heard.ID] = &place{among, len(*among)}
	*among = append(*among, heard)
}

// storeTogether queues the statements. What they store is looked at when they are sent. Sagas that are made come first: whoever else has made
// one is found out by that. Those that are moved are named twice, or a plan that was made while there were few would go through all.
func (s *Store) storeTogether(ctx context.Context, t *together) error {
	batch := &pgx.Batch{}
	batch.Queue(`
		INSERT INTO sagas (id, sequence, state, heard, order_number, customer_id, deadline, started_at, last_fact_at, stalled, order_id, kind)
		SELECT * FROM unnest(`+sagaArrays+`, $12::text[])
		ON CONFLICT (id) DO UPDATE SET sequence = made_meanwhile()`,
		append(sagaValues(&t.made), column(&t.made, func(g saga.Saga) string { return g.Process.Kind }))...)
	batch.Queue(`
		INSERT INTO facts (id, name, version, context, subject, correlation_id, causation_id, occurred_at, recorded_at, envelope, sequence)
		SELECT * FROM unnest($1::uuid[], $2::text[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[], $8::timestamptz[],
		                     $9::timestamptz[], $10::json[], $11::bigint[])`,
		column(&t.facts, func(f numbered) uuid.UUID { return f.ID }), column(&t.facts, func(f numbered) string { return f.Name }),
		column(&t.facts, func(f numbered) int { return f.Version }), column(&t.facts, func(f numbered) string { return f.Context }),
		column(&t.facts, func(f numbered) string { return f.Subject }), column(&t.facts, func(f numbered) string { return f.CorrelationID }),
		column(&t.facts, func(f numbered) string { return f.CausationID }), column(&t.facts, func(f numbered) time.Time { return f.At }),
		column(&t.facts, func(f numbered) time.Time { return f.recorded }),
		column(&t.facts, func(f numbered) json.RawMessage { return f.Envelope }), column(&t.facts, func(f numbered) int64 { return f.sequence }),
	).Exec(func(pgconn.CommandTag) error {
		s.together = nil
		return nil
	})
	batch.Queue(`
		UPDATE sagas SET sequence = now.sequence, state = now.state, heard = now.heard, order_number = now.order_number, customer_id = now.customer_id,
			deadline = now.deadline, started_at = now.started_at, last_fact_at = now.last_fact_at, stalled = now.stalled, order_id = now.order_id
		FROM unnest(`+sagaArrays+`)
			AS now (id, sequence, state, heard, order_number, customer_id, deadline, started_at, last_fact_at, stalled, order_id)
		WHERE sagas.id = now.id AND sagas.id = ANY ($1)`, sagaValues(&t.moved)...)
	batch.Queue(`INSERT INTO saga_skus (saga_id, sku) SELECT * FROM unnest($1::text[], $2::text[]) ON CONFLICT DO NOTHING`,
		column(&t.lines, func(l line) string { return l.saga }), column(&t.lines, func(l line) string { return l.sku }))
	return postgres.Later(ctx, s.tx, "save facts and sagas", batch)
}

// sagaArrays are sagaValues in SQL.
const sagaArrays = `$1::text[], $2::bigint[], $3::text[], $4::jsonb[], $5::text[], $6::uuid[], $7::timestamptz[], $8::timestamptz[],
	$9::timestamptz[], $10::boolean[], $11::text[]`

func sagaValues(sagas *[]saga.Saga) []any {
	return []any{
		column(sagas, func(g saga.Saga) string { return g.ID }), column(sagas, func(g saga.Saga) int64 { return g.Sequence }),
		column(sagas, func(g saga.Saga) string { return string(g.State()) }),
		column(sagas, func(g saga.Saga) map[string]time.Time { return g.Heard }),
		column(sagas, func(g saga.Saga) *string { return optional(g.Order.Number) }),
		column(sagas, func(g saga.Saga) *uuid.UUID { return optional(g.Order.Customer) }),
		column(sagas, func(g saga.Saga) *time.Time { return optional(g.Order.Deadline) }),
		column(sagas, func(g saga.Saga) time.Time { return g.StartedAt }), column(sagas, func(g saga.Saga) time.Time { return g.LastFactAt }),
		column(sagas, saga.Saga.Stalled), column(sagas, func(g saga.Saga) *string { return optional(g.Order.ID) }),
	}
}

// array is a column of rows, as PostgreSQL takes it.
type array[Row, Value any] struct {
	rows *[]Row
	of   func(Row) Value
}

// column has a value of each row there is when it is sent.
func column[Row, Value any](rows *[]Row, of func(Row) Value) pgtype.ArrayGetter {
	return array[Row, Value]{rows, of}
}

func (a array[Row, Value]) Dimensions() []pgtype.ArrayDimension {
	return []pgtype.ArrayDimension{{Length: int32(len(*a.rows)), LowerBound: 1}}
}

func (a array[Row, Value]) Index(i int) any { return a.of((*a.rows)[i]) }

func (a array[Row, Value]) IndexType() any { return *new(Value) }
