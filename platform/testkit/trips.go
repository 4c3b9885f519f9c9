package testkit

import (
	"context"
	"sync/atomic"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Trips counts what the sessions of a pool ask of PostgreSQL, so that a test fails when something asks more often than it did.
type Trips struct{ trips, statements atomic.Int64 }

// Asked is how many round trips there were, and how many statements in them, with those that begin and end transactions.
type Asked struct{ Trips, Statements int64 }

// Count has it count what the sessions of a pool ask. It is an option of postgres.Open.
func (t *Trips) Count(config *pgxpool.Config) { config.ConnConfig.Tracer = t }

// During answers what was asked while f ran.
func (t *Trips) During(f func()) Asked {
	before := t.asked()
	f()
	after := t.asked()
	return Asked{after.Trips - before.Trips, after.Statements - before.Statements}
}

func (t *Trips) asked() Asked { return Asked{t.trips.Load(), t.statements.Load()} }

// TraceQueryStart counts a statement that is asked by itself.
func (t *Trips) TraceQueryStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryStartData) context.Context {
	t.trips.Add(1)
	t.statements.Add(1)
	return ctx
}

// TraceQueryEnd counts nothing.
func (t *Trips) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

// TraceBatchStart counts a round trip.
func (t *Trips) TraceBatchStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceBatchStartData) context.Context {
	t.trips.Add(1)
	return ctx
}

// TraceBatchQuery counts a statement of it.
func (t *Trips) TraceBatchQuery(context.Context, *pgx.Conn, pgx.TraceBatchQueryData) {
	t.statements.Add(1)
}

// TraceBatchEnd counts nothing.
func (t *Trips) TraceBatchEnd(context.Context, *pgx.Conn, pgx.TraceBatchEndData) {}
