package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"quadrille.dev/platform/postgres"
)

// add runs what adds a note in a group; the error is that of the note itself.
func add(ctx context.Context, g *postgres.Group, text string, also func(tx pgx.Tx) error) error {
	return g.InTx(ctx, func(ctx context.Context, tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `INSERT INTO note (text) SELECT $1 || ':' || pg_current_xact_id()`, text); err != nil {
			return err
		}
		return also(tx)
	})
}

func nothing(pgx.Tx) error { return nil }

// transactions are how many there were of what is written.
func transactions(t *testing.T, db *postgres.DB) int {
	t.Helper()
	var n int
	if err := db.QueryRow(t.Context(), `SELECT count(DISTINCT split_part(text, ':', 2)) FROM note`).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// many adds notes while the group's first transaction runs, so that they wait together.
func many(t *testing.T, g *postgres.Group, n int, also func(i int) func(pgx.Tx) error) []error {
	t.Helper()
	begun, release := make(chan struct{}), make(chan struct{})
	var all sync.WaitGroup
	all.Go(func() {
		err := add(t.Context(), g, "first", func(pgx.Tx) error {
			close(begun)
			<-release
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	})
	<-begun
	errs := make([]error, n)
	for i := range n {
		all.Go(func() { errs[i] = add(t.Context(), g, fmt.Sprint(i), also(i)) })
	}
	for g.Waiting() < n {
		runtime.Gosched()
	}
	close(release)
	all.Wait()
	return errs
}

func TestWhatWaitsBecomesOneTransaction(t *testing.T) {
	db := notes(t)
	errs := many(t, postgres.NewGroup(db), 10, func(int) func(pgx.Tx) error { return nothing })
	if err := errors.Join(errs...); err != nil {
		t.Error(err)
	}
	if texts, n := written(t, db), transactions(t, db); len(texts) != 11 || n != 2 {
		t.Errorf("%v in %d transactions", texts, n)
	}
}

// One that fails, or panics, has each be done by itself, so that it fails alone.
func TestWhatFailsInAGroupFailsAlone(t *testing.T) {
	db := notes(t)
	refused := errors.New("refused")
	errs := many(t, postgres.NewGroup(db), 5, func(i int) func(pgx.Tx) error {
		if i == 3 {
			return func(pgx.Tx) error { return refused }
		}
		return nothing
	})
	for i, err := range errs {
		if (i == 3) != errors.Is(err, refused) {
			t.Errorf("%d: %v", i, err)
		}
	}
	if texts, n := written(t, db), transactions(t, db); len(texts) != 5 || n != 5 {
		t.Errorf("%v in %d transactions", texts, n)
	}
}

// A group waits for no lock for long: whoever holds it may wait for what the group holds.
func TestAGroupThatMeetsALockBlocksNobodyButTheOneThatNeedsIt(t *testing.T) {
	db := notes(t)
	if _, err := db.Exec(t.Context(), `INSERT INTO note (text) VALUES ('held:0')`); err != nil {
		t.Fatal(err)
	}
	holder, err := db.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := holder.Exec(t.Context(), `SELECT FROM note WHERE text = 'held:0' FOR UPDATE`); err != nil {
		t.Fatal(err)
	}
	var others sync.WaitGroup
	others.Add(4)
	go func() {
		others.Wait()
		_ = holder.Rollback(context.Background())
	}()
	errs := many(t, postgres.NewGroup(db), 5, func(i int) func(pgx.Tx) error {
		if i == 2 {
			return func(tx pgx.Tx) error {
				_, err := tx.Exec(t.Context(), `SELECT FROM note WHERE text = 'held:0' FOR UPDATE`)
				return err
			}
		}
		return func(tx pgx.Tx) error {
			db.OnCommit(tx, others.Done)
			return nil
		}
	})
	if err := errors.Join(errs...); err != nil {
		t.Error(err)
	}
	if texts := written(t, db); len(texts) != 7 || !slices.Contains(texts, "held:0") {
		t.Errorf("%v", texts)
	}
}
