package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// transaction is one of InTx. It begins with the first thing that is asked of it and is committed with the last, in the same round trips.
type transaction struct {
	db   *DB
	conn *pgx.Conn
	// later is what goes with whatever is asked next.
	later []*pgx.QueuedQuery
	// savepoints counts them, to name them.
	savepoints int
	// said is what is told once it is committed.
	said []said
}

func (db *DB) begin(conn *pgx.Conn) *transaction {
	t := &transaction{db: db, conn: conn}
	t.add(statement("begin", nil))
	return t
}

// statement is one without arguments.
func statement(sql string, done func(pgconn.CommandTag) error) *pgx.QueuedQuery {
	query := &pgx.QueuedQuery{SQL: sql}
	if done != nil {
		query.Exec(done)
	}
	query.Fn = named(sql, query.Fn)
	return query
}

func (t *transaction) add(queries ...*pgx.QueuedQuery) { t.later = append(t.later, queries...) }

func (t *transaction) say(s said) { t.said = append(t.said, s) }

func (t *transaction) waiters(deed Deed) []Waiter { return t.db.waitersFor(deed) }

// idle tells whether nothing was asked of it yet, or it is over.
func (t *transaction) idle() bool { return t.conn.PgConn().TxStatus() == 'I' }

// Commit ends it. It is for InTx.
func (t *transaction) Commit(ctx context.Context) error {
	if t.idle() && len(t.later) == 1 {
		return nil
	}
	t.add(statement("commit", func(tag pgconn.CommandTag) error {
		if tag.String() == "ROLLBACK" {
			return pgx.ErrTxCommitRollback
		}
		return nil
	}))
	return t.flush(ctx)
}

// Rollback ends it, if it has not ended. It is for InTx.
func (t *transaction) Rollback(ctx context.Context) error {
	t.later = nil
	if t.conn.IsClosed() || t.idle() {
		return nil
	}
	_, err := t.conn.Exec(ctx, "rollback")
	return err
}

// flush does what was to be done later.
func (t *transaction) flush(ctx context.Context) error {
	if len(t.later) == 0 {
		return nil
	}
	return t.conn.SendBatch(ctx, t.before(nil)).Close()
}

// before is a batch that begins with what was to be done later.
func (t *transaction) before(queries []*pgx.QueuedQuery) *pgx.Batch {
	batch := &pgx.Batch{QueuedQueries: append(t.later, queries...)}
	t.later = nil
	return batch
}

func (t *transaction) SendBatch(ctx context.Context, batch *pgx.Batch) pgx.BatchResults {
	if len(t.later) == 0 {
		return t.conn.SendBatch(ctx, batch)
	}
	first := t.later
	return &results{BatchResults: t.conn.SendBatch(ctx, t.before(batch.QueuedQueries)), first: first}
}

func (t *transaction) Exec(ctx context.Context, sql string, arguments ...any) (tag pgconn.CommandTag, err error) {
	if len(t.later) == 0 {
		return t.conn.Exec(ctx, sql, arguments...)
	}
	batch := &pgx.Batch{}
	batch.Queue(sql, arguments...).Exec(func(done pgconn.CommandTag) error {
		tag = done
		return nil
	})
	err = t.SendBatch(ctx, batch).Close()
	return tag, err
}

func (t *transaction) Query(ctx context.Context, sql string, arguments ...any) (pgx.Rows, error) {
	if len(t.later) == 0 {
		return t.conn.Query(ctx, sql, arguments...)
	}
	batch := &pgx.Batch{}
	batch.Queue(sql, arguments...)
	results := t.SendBatch(ctx, batch)
	found, err := results.Query()
	if err != nil {
		_ = results.Close()
		return found, err
	}
	return &rows{Rows: found, results: results}, nil
}

func (t *transaction) QueryRow(ctx context.Context, sql string, arguments ...any) pgx.Row {
	found, err := t.Query(ctx, sql, arguments...)
	return row{found, err}
}

func (t *transaction) CopyFrom(ctx context.Context, table pgx.Identifier, columns []string, from pgx.CopyFromSource) (int64, error) {
	if err := t.flush(ctx); err != nil {
		return 0, err
	}
	return t.conn.CopyFrom(ctx, table, columns, from)
}

func (t *transaction) Prepare(ctx context.Context, name, sql string) (*pgconn.StatementDescription, error) {
	if err := t.flush(ctx); err != nil {
		return nil, err
	}
	return t.conn.Prepare(ctx, name, sql)
}

// LargeObjects are not to be had.
func (t *transaction) LargeObjects() pgx.LargeObjects { return pgx.LargeObjects{} }

func (t *transaction) Conn() *pgx.Conn { return t.conn }

// Begin makes a savepoint.
func (t *transaction) Begin(ctx context.Context) (pgx.Tx, error) {
	t.savepoints++
	s := &savepoint{transaction: t, name: fmt.Sprintf("s%d", t.savepoints), before: len(t.said)}
	if _, err := t.Exec(ctx, "savepoint "+s.name); err != nil {
		return nil, err
	}
	return s, nil
}

// savepoint is a part of a transaction that may be undone by itself.
type savepoint struct {
	*transaction
	name string
	// before is how much was said before it.
	before int
	over   bool
}

func (s *savepoint) Commit(ctx context.Context) error { return s.end(ctx, "release savepoint ") }

func (s *savepoint) Rollback(ctx context.Context) error {
	if !s.over {
		s.later, s.said = nil, s.said[:min(s.before, len(s.said))]
	}
	return s.end(ctx, "rollback to savepoint ")
}

func (s *savepoint) end(ctx context.Context, how string) error {
	if s.over {
		return pgx.ErrTxClosed
	}
	_, err := s.Exec(ctx, how+s.name)
	s.over = err == nil
	return err
}
