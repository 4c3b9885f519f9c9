package postgres_test

import (
	"context"
	"errors"
	"testing"

	"github.com/jackc/pgx/v5"

	"quadrille.dev/platform/postgres"
	"quadrille.dev/platform/testkit"
)

func TestOnCommit(t *testing.T) {
	ctx := context.Background()
	db, err := postgres.Open(ctx, testkit.Postgres(t), "test")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	refused := errors.New("refused")
	for name, test := range map[string]struct {
		fails error
		nest  bool
		want  int
	}{
		"committed":                 {want: 1},
		"rolled back":               {fails: refused},
		"committed, in a savepoint": {nest: true, want: 1},
	} {
		t.Run(name, func(t *testing.T) {
			called := 0
			err := db.InTx(ctx, func(tx pgx.Tx) error {
				if test.nest {
					inner, err := tx.Begin(ctx)
					if err != nil {
						return err
					}
					db.OnCommit(inner, func() { called++ })
					return inner.Commit(ctx)
				}
				db.OnCommit(tx, func() { called++ })
				if called != 0 {
					t.Error("called before the commit")
				}
				return test.fails
			})
			if !errors.Is(err, test.fails) {
				t.Fatal(err)
			}
			if called != test.want {
				t.Errorf("called %d times, want %d", called, test.want)
			}
			if err := db.InTx(ctx, func(pgx.Tx) error { return nil }); err != nil {
				t.Fatal(err)
			}
			if called != test.want {
				t.Errorf("called %d times after another transaction, want %d", called, test.want)
			}
		})
	}
}

func TestOnCommitOfAnAbortedAttemptIsForgotten(t *testing.T) {
	ctx := context.Background()
	db, err := postgres.Open(ctx, testkit.Postgres(t), "test")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	attempts, called := 0, 0
	err = db.InTx(ctx, func(tx pgx.Tx) error {
		attempts++
		db.OnCommit(tx, func() { called++ })
		if attempts == 1 {
			_, err := tx.Exec(ctx, `DO $$ BEGIN RAISE EXCEPTION 'victim' USING ERRCODE = '40P01'; END $$`)
			return err
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if attempts != 2 || called != 1 {
		t.Errorf("%d attempts, %d calls; want 2 and 1", attempts, called)
	}
}
