// Package postgres keeps orders and returns as their events, and what ordering has heard from its neighbours.
package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"quadrille.dev/platform/audit"
	"quadrille.dev/platform/erasure"
	"quadrille.dev/platform/postgres"
	"quadrille.dev/services/ordering/internal/app"
	"quadrille.dev/services/ordering/internal/order"
)

// Store is an app.Store in a transaction.
type Store struct {
	Reader
	tx      pgx.Tx
	publish app.Publish
	// waits is called when a deadline or a timer was set, with when it ends.
	waits func(due time.Time)
	// expected are orders that were locked before anybody asked for them, as they are now.
	expected map[order.ID]order.Order
	// changed is set when events were appended.
	changed bool
	asked   erasure.Asked
	// number was drawn for whoever needs one; 0 if none was.
	number int64
}

// New binds a store to tx. Nobody is told of deadlines that are set in it.
func New(tx pgx.Tx, publish app.Publish) *Store {
	return &Store{Reader: Reader{tx}, tx: tx, publish: publish, waits: func(time.Time) {}, expected: map[order.ID]order.Order{}}
}

// querier is a transaction or a pool.
type querier interface {
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
	SendBatch(ctx context.Context, batch *pgx.Batch) pgx.BatchResults
}

// Reader is an app.Reader in a transaction, or over a pool.
type Reader struct{ q querier }

// Books is ordering's whole database.
type Books struct {
	Reader
	db      *postgres.DB
	publish app.Publish
	waits   func(due time.Time)
}

// Open makes Books of a migrated database.
func Open(db *postgres.DB, publish app.Publish) *Books {
	return &Books{Reader: Reader{db}, db: db, publish: publish, waits: func(time.Time) {}}
}

// Telling are the same books; waits is called, quickly, once a transaction is committed that has set a deadline or a timer,
// with when that ends.
func (b *Books) Telling(waits func(due time.Time)) *Books {
	told := *b
	told.waits = waits
	return &told
}

// Bind is the store in tx, a transaction of the database's InTx.
func (b *Books) Bind(tx pgx.Tx) *Store {
	store := New(tx, b.publish)
	store.waits = func(due time.Time) { b.db.OnCommit(tx, func() { b.waits(due) }) }
	return store
}

// InTx runs use in a transaction. It may run more than once.
func (b *Books) InTx(ctx context.Context, use func(app.Store) error) error {
	return b.db.InTx(ctx, func(tx pgx.Tx) error { return use(b.Bind(tx)) })
}

// Act is InTx for what an operator does. If it changed an order or a return, the entry that use answers goes into the audit.
func (b *Books) Act(ctx context.Context, use func(app.Store) (audit.Entry, error)) error {
	return b.db.InTx(ctx, func(tx pgx.Tx) error {
		store := b.Bind(tx)
		entry, err := use(store)
		if err != nil || !store.changed {
			return err
		}
		return audit.Record(ctx, tx, "ordering", entry)
	})
}

// SkipNumbers has numbers go on above those of all orders that there are.
func (b *Books) SkipNumbers(ctx context.Context) error {
	_, err := b.db.Exec(ctx, `
		SELECT setval('order_number', highest) FROM (SELECT max(substr(number, 3)::bigint) AS highest FROM orders WHERE number ~ '^Q-[0-9]+$') AS given
		WHERE highest > (SELECT last_value FROM order_number)`)
	if err != nil {
		return fmt.Errorf("skip order numbers: %w", err)
	}
	return nil
}

// Number draws one, unless it was expected.
func (s *Store) Number(ctx context.Context) (string, error) {
	if s.number == 0 {
		if err := s.ExpectNumber(ctx); err != nil {
			return "", err
		}
		if err := postgres.Now(ctx, s.tx); err != nil {
			return "", err
		}
	}
	number := s.number
	s.number = 0
	return order.Number(number), nil
}

// ExpectNumber draws a number with what is asked next.
func (s *Store) ExpectNumber(ctx context.Context) error {
	batch := &pgx.Batch{}
	batch.Queue(`SELECT nextval('order_number')`).QueryRow(func(row pgx.Row) error { return row.Scan(&s.number) })
	return postgres.Later(ctx, s.tx, "draw order number", batch)
}
