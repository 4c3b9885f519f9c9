// Package prune removes rows that nobody needs any more: a little at a time, so that it disturbs no one, and never before it is
// safe, which each table's owner declares.
package prune

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus"

	"quadrille.dev/platform/postgres"
)

// Table says which rows of a table may go.
type Table struct {
	Name string
	// Age is the column that tells how old a row is. It leads an index, by which the oldest rows are found.
	Age string
	// KeptFor is how old a row must be.
	KeptFor time.Duration
	// Condition is what else must be true of a row, in SQL; every row may go if it is empty.
	Condition string
	// Key and Dependents name the rows that go with a row, in the same transaction: those of Dependents whose columns hold the value
	// of Key.
	Key        string
	Dependents []Dependent
}

// Config is what a Pruner works with. Zero values of the optional fields stand for what their comments say.
type Config struct {
	DB     *postgres.DB
	Tables []Table
	// Every is how often old rows are looked for; one hour unless set.
	Every time.Duration
	// Batch is how many rows go in one transaction; 500 unless set. Their dependents go with them.
	Batch int
	// RowsPerSecond bounds how fast rows go, dependents included; 1,000 unless set.
	RowsPerSecond int
	// Log is slog.Default() unless set.
	Log *slog.Logger
	// Metrics counts what was removed, by table; nothing is counted without.
	Metrics prometheus.Registerer
}

func (c Config) withDefaults() Config {
	c.Every = cmp.Or(c.Every, time.Hour)
	c.Batch = cmp.Or(c.Batch, 500)
	c.RowsPerSecond = cmp.Or(c.RowsPerSecond, 1_000)
	c.Log = cmp.Or(c.Log, slog.Default()).With("component", "prune")
	return c
}

// Pruner removes the rows of a context's tables that may go. Several may work on one database: one at a time does.
type Pruner struct {
	config  Config
	removed *prometheus.CounterVec
}

// New makes a pruner; Run keeps it.
func New(config Config) *Pruner {
	p := &Pruner{config: config.withDefaults(), removed: prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "quadrille_pruned_rows_total",
		Help: "Rows removed because they were old enough, by table.",
	}, []string{"table"})}
	if config.Metrics != nil {
		config.Metrics.MustRegister(p.removed)
	}
	return p
}

// Run removes what may go, again and again, until ctx ends. What fails is logged and tried the next time.
func (p *Pruner) Run(ctx context.Context) error {
	ticker := time.NewTicker(p.config.Every)
	defer ticker.Stop()
	for {
		if _, err := p.Once(ctx); err != nil && ctx.Err() == nil {
			p.config.Log.WarnContext(ctx, "old rows not removed", "error", err)
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return nil
		}
	}
}

// lock is the advisory lock of whoever prunes a database.
const lock = 0x7072756e

// Once removes all that may go now, and answers how many rows that was, dependents included; none while another pruner is at work.
func (p *Pruner) Once(ctx context.Context) (removed int64, err error) {
	conn, err := p.config.DB.Acquire(ctx)
	if err != nil {
		return 0, fmt.Errorf("prune: %w", err)
	}
	defer conn.Release()
	var mine bool
	if err := conn.QueryRow(ctx, `SELECT pg_try_advisory_lock($1)`, lock).Scan(&mine); err != nil || !mine {
		return 0, err
	}
	defer unlock(ctx, conn)
	for _, table := range p.config.Tables {
		rows, err := p.table(ctx, conn, table)
		removed += rows
		if err != nil {
			return removed, fmt.Errorf("prune %s: %w", table.Name, err)
		}
	}
	return removed, nil
}

// unlock gives the lock back, or else the whole session.
func unlock(ctx context.Context, conn *pgxpool.Conn) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	if _, err := conn.Exec(ctx, `SELECT pg_advisory_unlock($1)`, lock); err != nil {
		_ = conn.Conn().Close(ctx)
	}
}

// table removes batch after batch, and rests after each for as long as the rate asks for.
func (p *Pruner) table(ctx context.Context, conn *pgxpool.Conn, table Table) (removed int64, err error) {
	for {
		own, all, err := p.batch(ctx, conn, table)
		if err != nil {
			return removed, err
		}
		removed += all
		if own < int64(p.config.Batch) {
			return removed, nil
		}
		select {
		case <-time.After(time.Duration(all) * time.Second / time.Duration(p.config.RowsPerSecond)):
		case <-ctx.Done():
			return removed, ctx.Err()
		}
	}
}

// batch removes some of the oldest rows. It waits for nobody: rows that others hold stay for the next time.
func (p *Pruner) batch(ctx context.Context, conn *pgxpool.Conn, table Table) (own, all int64, err error) {
	var counts []int64
	err = pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		// A removal that a crash undoes is made again.
		if _, err := tx.Exec(ctx, `SET LOCAL synchronous_commit = off`); err != nil {
			return err
		}
		return tx.QueryRow(ctx, table.statement(), table.KeptFor, p.config.Batch).Scan(&counts)
	})
	if err != nil {
		return 0, 0, err
	}
	for i, name := range append([]string{table.Name}, table.dependents()...) {
		p.removed.WithLabelValues(name).Add(float64(counts[i]))
		all += counts[i]
	}
	return counts[0], all, nil
}
