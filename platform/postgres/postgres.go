// Package postgres opens a context's database, applies its migrations and runs its transactions.
package postgres

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"sync"
	"time"

	"github.com/exaring/otelpgx"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

// DB is a context's database.
type DB struct {
	*pgxpool.Pool

	mu          sync.Mutex
	afterCommit []func()
	onCommit    map[*pgx.Conn][]func()
	waiters     map[Deed][]Waiter
}

// connections is how many a pool has, unless its URL says otherwise: enough for a consumer's transactions, its workers' and requests
// at once, and few enough for eight contexts and a standby of each on one small server.
const connections = 12

// Option changes what sessions are like.
type Option func(*pgxpool.Config)

// PlansOnce has PostgreSQL plan a statement once in a session, whatever the arguments. It is for those who look for rows by keys alone, be
// they one or many: the plan is always the same, and costs more than what it is for; but PostgreSQL plans again for each list of keys, since
// it guesses that another is longer.
//
// Such a plan is never to read a whole table that has an index for it, as it would if it was made while there was hardly anything in the
// table. Where there is no index PostgreSQL then counts on enormous costs, which are not to have it compile the statement.
func PlansOnce(config *pgxpool.Config) {
	config.ConnConfig.RuntimeParams["plan_cache_mode"] = "force_generic_plan"
	config.ConnConfig.RuntimeParams["enable_seqscan"] = "off"
	config.ConnConfig.RuntimeParams["jit"] = "off"
}

// Open connects to url, with up to pool_max_conns connections (12 unless the URL sets it), naming the connections so that pg_stat_activity can be read. It waits for a server that is not up
// yet, until ctx ends.
func Open(ctx context.Context, url, name string, options ...Option) (*DB, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("read database URL: %w", err)
	}
	if !strings.Contains(url, "pool_max_conns") {
		config.MaxConns = connections
	}
	config.ConnConfig.RuntimeParams["application_name"] = name
	// Only what is done in somebody's trace gets spans, and without what was asked for: it may be personal.
	config.ConnConfig.Tracer = otelpgx.NewTracer(otelpgx.WithDisableConnectionDetailsInAttributes())
	config.ConnConfig.RuntimeParams["timezone"] = "UTC"
	for _, change := range options {
		change(config)
	}
	config.AfterConnect = func(_ context.Context, conn *pgx.Conn) error {
		knowUUIDs(conn)
		return nil
	}
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	db := &DB{Pool: pool}
	if err := db.Await(ctx); err != nil {
		pool.Close()
		return nil, err
	}
	return db, nil
}

// Await returns when the database answers, or with ctx's error and the database's.
func (db *DB) Await(ctx context.Context) error {
	for {
		err := db.Ping(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("await database: %w (%w)", ctx.Err(), err)
		case <-time.After(250 * time.Millisecond):
		}
	}
}

// Migrate applies the migrations in fsys that are missing, one process at a time, and records them in a table of their own,
// goose_<set>.
func (db *DB) Migrate(ctx context.Context, set string, fsys fs.FS) error {
	if db.migrated(ctx, set, fsys) {
		return nil
	}
	locker, err := lock.NewPostgresSessionLocker()
	if err != nil {
		return fmt.Errorf("migrate %s: %w", set, err)
	}
	sql := stdlib.OpenDBFromPool(db.Pool)
	defer func() { _ = sql.Close() }()
	provider, err := goose.NewProvider(goose.DialectPostgres, sql, fsys,
		goose.WithTableName("goose_"+set), goose.WithSessionLocker(locker))
	if err != nil {
		return fmt.Errorf("migrate %s: %w", set, err)
	}
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("migrate %s: %w", set, err)
	}
	return nil
}

// AfterCommit has f called, quickly, after every transaction that InTx commits.
func (db *DB) AfterCommit(f func()) {
	db.mu.Lock()
	defer db.mu.Unlock()
	db.afterCommit = append(db.afterCommit, f)
}

// OnCommit has f called, quickly, once InTx has committed tx, and never when it has not.
func (db *DB) OnCommit(tx pgx.Tx, f func()) {
	db.mu.Lock()
	defer db.mu.Unlock()
	if db.onCommit == nil {
		db.onCommit = map[*pgx.Conn][]func(){}
	}
	db.onCommit[tx.Conn()] = append(db.onCommit[tx.Conn()], f)
}

// taken are the hooks to call after a commit: those of the transaction on conn, and then those of every transaction. Nothing is kept for
// conn any longer.
func (db *DB) taken(conn *pgx.Conn) []func() {
	db.mu.Lock()
	defer db.mu.Unlock()
	hooks := append(db.onCommit[conn], db.afterCommit...)
	delete(db.onCommit, conn)
	return hooks
}

// attempts bounds how often InTx runs a transaction that the server aborted for the sake of another.
const attempts = 5

// InTx runs f in a transaction and commits it when f returns nil. It runs f again when the server chose the transaction as
// the victim of a deadlock or a serialisation failure, so f must have no effect outside of tx.
func (db *DB) InTx(ctx context.Context, f func(tx pgx.Tx) error) error {
	for attempt := 1; ; attempt++ {
		err := db.attempt(ctx, f)
		if err == nil {
			return nil
		}
		var failure *pgconn.PgError
		victim := errors.As(err, &failure) && (failure.Code == "40001" || failure.Code == "40P01")
		if !victim || attempt == attempts {
			return err
		}
	}
}

func (db *DB) attempt(ctx context.Context, f func(tx pgx.Tx) error) error {
	var hooks []func()
	var told []said
	err := db.AcquireFunc(ctx, func(conn *pgxpool.Conn) error {
		defer func() { hooks = db.taken(conn.Conn()) }()
		t := db.begin(conn.Conn())
		defer func() { _ = t.Rollback(ctx) }() // The pool throws away a connection for which this fails.
		if err := f(t); err != nil {
			return err
		}
		if err := t.Commit(ctx); err != nil {
			return err
		}
		told = t.said
		return nil
	})
	if err != nil {
		return err
	}
	for _, hook := range hooks {
		hook()
	}
	db.tell(told)
	return nil
}
