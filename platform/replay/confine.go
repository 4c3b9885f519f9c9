package replay

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"quadrille.dev/platform/postgres"
)

// ErrSideEffect means that a transaction wrote what it must not. It has to be rolled back.
var ErrSideEffect = errors.New("side effect")

// InTx runs do in a transaction of its own, and answers how many rows it wrote; see Confine. In a dry run all of it is taken back.
func InTx(ctx context.Context, db *postgres.DB, tables []string, dry bool, do func(tx pgx.Tx) error) (rows int64, err error) {
	err = db.InTx(ctx, func(tx pgx.Tx) (err error) {
		rows, err = Confine(ctx, tx, tables, func() error { return do(tx) })
		if err == nil && dry {
			return errDry
		}
		return err
	})
	if err != nil && !errors.Is(err, errDry) {
		return 0, err
	}
	return rows, nil
}

var errDry = errors.New("dry run")

// Confine runs do in tx, and answers how many rows it wrote. It fails when that was to any table but those named: PostgreSQL itself
// counts what a transaction writes, so that nothing which do calls can escape it.
func Confine(ctx context.Context, tx pgx.Tx, tables []string, do func() error) (rows int64, err error) {
	before, err := written(ctx, tx)
	if err != nil {
		return 0, err
	}
	if err := do(); err != nil {
		return 0, err
	}
	after, err := written(ctx, tx)
	if err != nil {
		return 0, err
	}
	var strange []string
	for table, count := range after {
		count -= before[table]
		rows += count
		if count > 0 && !slices.Contains(tables, table) {
			strange = append(strange, table)
		}
	}
	if len(strange) > 0 {
		slices.Sort(strange)
		return 0, fmt.Errorf("%w: rows of %s were written", ErrSideEffect, strings.Join(strange, ", "))
	}
	return rows, nil
}

// written counts the rows written of each table: in tx, and in earlier transactions of its session that the server has not yet added to
// its statistics, which it does between transactions only.
func written(ctx context.Context, tx pgx.Tx) (map[string]int64, error) {
	var counting bool
	counts := map[string]int64{}
	batch := &pgx.Batch{}
	batch.Queue(`SELECT current_setting('track_counts')::boolean`).QueryRow(func(row pgx.Row) error { return row.Scan(&counting) })
	batch.Queue(`SELECT relname, n_tup_ins + n_tup_upd + n_tup_del FROM pg_stat_xact_user_tables`).Query(func(rows pgx.Rows) error {
		var table string
		var count int64
		_, err := pgx.ForEachRow(rows, []any{&table, &count}, func() error {
			counts[table] += count
			return nil
		})
		return err
	})
	if err := tx.SendBatch(ctx, batch).Close(); err != nil {
		return nil, fmt.Errorf("count what is written: %w", err)
	}
	if !counting {
		return nil, errors.New("count what is written: PostgreSQL's track_counts is off")
	}
	return counts, nil
}
