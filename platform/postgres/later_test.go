package postgres_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"quadrille.dev/platform/postgres"
	"quadrille.dev/platform/testkit"
)

func notes(t *testing.T) *postgres.DB {
	t.Helper()
	db, err := postgres.Open(t.Context(), testkit.Postgres(t), "test")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	if _, err := db.Exec(t.Context(), `CREATE TABLE note (position bigint GENERATED ALWAYS AS IDENTITY, text text UNIQUE)`); err != nil {
		t.Fatal(err)
	}
	return db
}

func later(ctx context.Context, t *testing.T, tx pgx.Tx, text string) {
	t.Helper()
	batch := &pgx.Batch{}
	batch.Queue(`INSERT INTO note (text) VALUES ($1)`, text)
	if err := postgres.Later(ctx, tx, "note "+text, batch); err != nil {
		t.Fatal(err)
	}
}

func written(t *testing.T, db *postgres.DB) []string {
	t.Helper()
	rows, err := db.Query(t.Context(), `SELECT text FROM note ORDER BY position`)
	if err != nil {
		t.Fatal(err)
	}
	texts, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	return texts
}

const count = `SELECT count(*) FROM note`

// Whatever is asked of a transaction sees what was to be done later.
func TestWhatIsDoneLaterIsDoneBeforeWhateverIsAskedNext(t *testing.T) {
	db := notes(t)
	for name, ask := range map[string]func(ctx context.Context, tx pgx.Tx) (int, error){
		"a row": func(ctx context.Context, tx pgx.Tx) (n int, err error) {
			err = tx.QueryRow(ctx, count).Scan(&n)
			return n, err
		},
		"rows": func(ctx context.Context, tx pgx.Tx) (int, error) {
			rows, err := tx.Query(ctx, count)
			if err != nil {
				return 0, err
			}
			return pgx.CollectExactlyOneRow(rows, pgx.RowTo[int])
		},
		"a statement": func(ctx context.Context, tx pgx.Tx) (int, error) {
			tag, err := tx.Exec(ctx, `UPDATE note SET text = text`)
			return int(tag.RowsAffected()), err
		},
		"a batch": func(ctx context.Context, tx pgx.Tx) (n int, err error) {
			batch := &pgx.Batch{}
			batch.Queue(count).QueryRow(func(row pgx.Row) error { return row.Scan(&n) })
			err = tx.SendBatch(ctx, batch).Close()
			return n, err
		},
		"a batch, one by one": func(ctx context.Context, tx pgx.Tx) (n int, err error) {
			batch := &pgx.Batch{}
			batch.Queue(count)
			results := tx.SendBatch(ctx, batch)
			err = results.QueryRow().Scan(&n)
			return n, errors.Join(err, results.Close())
		},
		"a savepoint": func(ctx context.Context, tx pgx.Tx) (n int, err error) {
			err = pgx.BeginFunc(ctx, tx, func(tx pgx.Tx) error { return tx.QueryRow(ctx, count).Scan(&n) })
			return n, err
		},
	} {
		t.Run(name, func(t *testing.T) {
			refused := errors.New("refused")
			err := db.InTx(t.Context(), func(tx pgx.Tx) error {
				later(t.Context(), t, tx, "a")
				later(t.Context(), t, tx, "b")
				if n, err := ask(t.Context(), tx); n != 2 || err != nil {
					t.Errorf("sees %d: %v", n, err)
				}
				return refused
			})
			if texts := written(t, db); !errors.Is(err, refused) || len(texts) > 0 {
				t.Errorf("%v: %v are left", err, texts)
			}
		})
	}
}

func TestWhatIsDoneLaterIsCommittedInItsOrder(t *testing.T) {
	db := notes(t)
	err := db.InTx(t.Context(), func(tx pgx.Tx) error {
		later(t.Context(), t, tx, "a")
		if _, err := tx.Exec(t.Context(), `INSERT INTO note (text) VALUES ('b')`); err != nil {
			return err
		}
		var none int
		if err := tx.QueryRow(t.Context(), `SELECT 1 WHERE false`).Scan(&none); !errors.Is(err, pgx.ErrNoRows) {
			t.Errorf("no row is %v", err)
		}
		later(t.Context(), t, tx, "c")
		if err := tx.QueryRow(t.Context(), `SELECT 1 WHERE false`).Scan(&none); !errors.Is(err, pgx.ErrNoRows) {
			t.Errorf("no row is %v", err)
		}
		later(t.Context(), t, tx, "d")
		return nil
	})
	if texts := written(t, db); err != nil || !slices.Equal(texts, []string{"a", "b", "c", "d"}) {
		t.Errorf("%v, %v", texts, err)
	}
}

// What fails is told of in its own words, whatever it was done with, and nothing is left.
func TestWhatFailsLaterFailsTheTransaction(t *testing.T) {
	db := notes(t)
	for name, ask := range map[string]func(ctx context.Context, tx pgx.Tx) error{
		"at the end": func(context.Context, pgx.Tx) error { return nil },
		"with a row": func(ctx context.Context, tx pgx.Tx) error {
			var n int
			return tx.QueryRow(ctx, count).Scan(&n)
		},
		"with rows": func(ctx context.Context, tx pgx.Tx) error {
			rows, err := tx.Query(ctx, count)
			if err == nil {
				rows.Close()
			}
			return err
		},
		"with a statement": func(ctx context.Context, tx pgx.Tx) error {
			_, err := tx.Exec(ctx, `UPDATE note SET text = text`)
			return err
		},
		"with a batch": func(ctx context.Context, tx pgx.Tx) error {
			batch := &pgx.Batch{}
			batch.Queue(count)
			return tx.SendBatch(ctx, batch).Close()
		},
		"with a batch, one by one": func(ctx context.Context, tx pgx.Tx) error {
			batch := &pgx.Batch{}
			batch.Queue(count)
			results := tx.SendBatch(ctx, batch)
			_, err := results.Exec()
			return errors.Join(err, results.Close())
		},
	} {
		t.Run(name, func(t *testing.T) {
			err := db.InTx(t.Context(), func(tx pgx.Tx) error {
				later(t.Context(), t, tx, "a")
				later(t.Context(), t, tx, "a")
				return ask(t.Context(), tx)
			})
			failure, is := errors.AsType[*pgconn.PgError](err)
			if !is || failure.Code != "23505" || !strings.Contains(err.Error(), "note a: ") {
				t.Errorf("failed with %v", err)
			}
			if texts := written(t, db); len(texts) > 0 {
				t.Errorf("%v are left", texts)
			}
		})
	}
}

func TestOutsideOfInTxItIsDoneAtOnce(t *testing.T) {
	db := notes(t)
	err := pgx.BeginFunc(t.Context(), db, func(tx pgx.Tx) error {
		later(t.Context(), t, tx, "a")
		batch := &pgx.Batch{}
		batch.Queue(`INSERT INTO note (text) VALUES ('a')`)
		if err := postgres.Later(t.Context(), tx, "note again", batch); err == nil {
			t.Error("it was not done")
		}
		return errors.New("over")
	})
	if err == nil {
		t.Error("committed")
	}
}
