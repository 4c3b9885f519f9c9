package postgres

import (
	"cmp"
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// Later has what is queued be done in tx, in its place: before whatever is asked of tx next, in the same round trip where that can be, and
// before the commit at the latest. It fails the transaction if it fails, with an error that says what was to be done: "save order 1". Outside
// of InTx it is done at once.
func Later(ctx context.Context, tx pgx.Tx, act string, batch *pgx.Batch) error {
	for _, query := range batch.QueuedQueries {
		query.Fn = named(act, query.Fn)
	}
	if t, may := tx.(*transaction); may {
		t.later = append(t.later, batch.QueuedQueries...)
		return nil
	}
	return tx.SendBatch(ctx, batch).Close()
}

// named is what takes the result of a query, whose error says what was done.
func named(act string, take func(pgx.BatchResults) error) func(pgx.BatchResults) error {
	return func(results pgx.BatchResults) (err error) {
		if take == nil {
			_, err = results.Exec()
		} else {
			err = take(results)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", act, err)
		}
		return nil
	}
}

// transaction is one of InTx.
type transaction struct {
	pgx.Tx
	later []*pgx.QueuedQuery
}

// before is a batch that begins with what was to be done later.
func (t *transaction) before() *pgx.Batch {
	batch := &pgx.Batch{QueuedQueries: t.later}
	t.later = nil
	return batch
}

// flush does what was to be done later.
func (t *transaction) flush(ctx context.Context) error {
	if len(t.later) == 0 {
		return nil
	}
	return t.Tx.SendBatch(ctx, t.before()).Close()
}

func (t *transaction) SendBatch(ctx context.Context, batch *pgx.Batch) pgx.BatchResults {
	if len(t.later) == 0 {
		return t.Tx.SendBatch(ctx, batch)
	}
	all := t.before()
	first := len(all.QueuedQueries)
	all.QueuedQueries = append(all.QueuedQueries, batch.QueuedQueries...)
	return &results{BatchResults: t.Tx.SendBatch(ctx, all), first: all.QueuedQueries[:first]}
}

// results are those of a batch before which others are to be taken.
type results struct {
	pgx.BatchResults
	first []*pgx.QueuedQuery
	err   error
}

// catchUp takes the results of what came first. Close does so by itself.
func (r *results) catchUp() error {
	for _, query := range r.first {
		if r.err == nil {
			r.err = query.Fn(r.BatchResults)
		}
	}
	r.first = nil
	return r.err
}

func (r *results) Exec() (pgconn.CommandTag, error) {
	if err := r.catchUp(); err != nil {
		return pgconn.CommandTag{}, err
	}
	return r.BatchResults.Exec()
}

func (r *results) Query() (pgx.Rows, error) {
	if err := r.catchUp(); err != nil {
		return nil, err
	}
	return r.BatchResults.Query()
}

func (r *results) QueryRow() pgx.Row {
	if err := r.catchUp(); err != nil {
		return failed{err}
	}
	return r.BatchResults.QueryRow()
}

func (r *results) Close() error { return cmp.Or(r.err, r.BatchResults.Close()) }

func (t *transaction) Exec(ctx context.Context, sql string, arguments ...any) (tag pgconn.CommandTag, err error) {
	if len(t.later) == 0 {
		return t.Tx.Exec(ctx, sql, arguments...)
	}
	batch := t.before()
	batch.Queue(sql, arguments...).Exec(func(done pgconn.CommandTag) error {
		tag = done
		return nil
	})
	err = t.Tx.SendBatch(ctx, batch).Close()
	return tag, err
}

func (t *transaction) Query(ctx context.Context, sql string, arguments ...any) (pgx.Rows, error) {
	if err := t.flush(ctx); err != nil {
		return nil, err
	}
	return t.Tx.Query(ctx, sql, arguments...)
}

func (t *transaction) QueryRow(ctx context.Context, sql string, arguments ...any) pgx.Row {
	if len(t.later) == 0 {
		return t.Tx.QueryRow(ctx, sql, arguments...)
	}
	return asked{t, ctx, sql, arguments}
}

// asked is a row that is asked for when it is scanned.
type asked struct {
	t         *transaction
	ctx       context.Context
	sql       string
	arguments []any
}

func (a asked) Scan(fields ...any) error {
	var scanned error
	batch := a.t.before()
	batch.Queue(a.sql, a.arguments...).QueryRow(func(row pgx.Row) error {
		scanned = row.Scan(fields...)
		return nil
	})
	return cmp.Or(a.t.Tx.SendBatch(a.ctx, batch).Close(), scanned)
}

type failed struct{ err error }

func (f failed) Scan(...any) error { return f.err }

func (t *transaction) Begin(ctx context.Context) (pgx.Tx, error) {
	if err := t.flush(ctx); err != nil {
		return nil, err
	}
	return t.Tx.Begin(ctx)
}

func (t *transaction) CopyFrom(ctx context.Context, table pgx.Identifier, columns []string, rows pgx.CopyFromSource) (int64, error) {
	if err := t.flush(ctx); err != nil {
		return 0, err
	}
	return t.Tx.CopyFrom(ctx, table, columns, rows)
}
