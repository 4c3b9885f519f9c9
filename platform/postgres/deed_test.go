package postgres_test

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"quadrille.dev/platform/postgres"
	"quadrille.dev/platform/testkit"
)

const deed postgres.Deed = "deed"

// ear waits for a deed, and keeps what it is told.
type ear struct {
	deaf  bool
	heard []any
}

func (e *ear) Asks() bool    { return !e.deaf }
func (e *ear) Told(what any) { e.heard = append(e.heard, what) }

// taken is what e was told since this was last asked.
func (e *ear) taken() []any {
	heard := e.heard
	e.heard = nil
	return heard
}

func listening(t *testing.T) (*postgres.DB, *ear) {
	t.Helper()
	db, err := postgres.Open(t.Context(), testkit.Postgres(t)+"&pool_max_conns=1", "test")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	e := &ear{}
	db.AfterCommitOf(deed, e)
	return db, e
}

func TestWhoWaitsForADeedIsToldOfTransactionsThatDidItAndOfNoOther(t *testing.T) {
	ctx := context.Background()
	db, ear := listening(t)
	refused := errors.New("refused")
	within := func(tx pgx.Tx, f func(tx pgx.Tx) error) { _ = pgx.BeginFunc(ctx, tx, f) }
	for _, step := range []struct {
		name string
		do   func(tx pgx.Tx) error
		want []any
	}{
		{"nothing", func(pgx.Tx) error { return nil }, nil},
		{"the deed", func(tx pgx.Tx) error { deed.In(tx, 1); return nil }, []any{1}},
		{"nothing again", func(pgx.Tx) error { return nil }, nil},
		{"another", func(tx pgx.Tx) error { postgres.Deed("another").In(tx, 1); return nil }, nil},
		{"the deed, rolled back", func(tx pgx.Tx) error { deed.In(tx, 1); return refused }, nil},
		{"nothing after it", func(pgx.Tx) error { return nil }, nil},
		{"the deed, in a savepoint", func(tx pgx.Tx) error {
			deed.In(tx, 1)
			within(tx, func(tx pgx.Tx) error { deed.In(tx, 2); return nil })
			deed.In(tx, 3)
			return nil
		}, []any{1, 2, 3}},
		{"the deed, in a savepoint that was rolled back", func(tx pgx.Tx) error {
			deed.In(tx, 1)
			within(tx, func(tx pgx.Tx) error {
				deed.In(tx, 2)
				within(tx, func(tx pgx.Tx) error { deed.In(tx, 3); return nil })
				return refused
			})
			deed.In(tx, 4)
			return nil
		}, []any{1, 4}},
		{"the deed, in a savepoint of one that was rolled back before it", func(tx pgx.Tx) error {
			outer, err := tx.Begin(ctx)
			if err != nil {
				return err
			}
			deed.In(outer, 1)
			inner, err := outer.Begin(ctx)
			if err != nil {
				return err
			}
			deed.In(inner, 2)
			if err := outer.Rollback(ctx); err != nil {
				return err
			}
			if err := inner.Rollback(ctx); err == nil {
				t.Error("a savepoint outlives the one around it")
			}
			return nil
		}, nil},
		{"the deed, and a failure that nobody cares for", func(tx pgx.Tx) error {
			deed.In(tx, 1)
			_, _ = tx.Exec(ctx, `SELECT 1 / 0`)
			return nil
		}, nil},
		{"nothing at last", func(pgx.Tx) error { return nil }, nil},
	} {
		_ = db.InTx(ctx, func(tx pgx.Tx) error {
			err := step.do(tx)
			if len(ear.heard) > 0 {
				t.Errorf("%s: told before the commit", step.name)
			}
			return err
		})
		if diff := cmp.Diff(step.want, ear.taken()); diff != "" {
			t.Errorf("after %s (-want +told):\n%s", step.name, diff)
		}
	}
}

func TestNobodyIsToldOfWhatAnAttemptDidThatCameToNothing(t *testing.T) {
	db, ear := listening(t)
	attempts := 0
	err := db.InTx(t.Context(), func(tx pgx.Tx) error {
		attempts++
		deed.In(tx, attempts)
		if attempts == 1 {
			_, err := tx.Exec(t.Context(), `DO $$ BEGIN RAISE EXCEPTION 'victim' USING ERRCODE = '40P01'; END $$`)
			return err
		}
		return nil
	})
	if diff := cmp.Diff([]any{2}, ear.taken()); err != nil || diff != "" {
		t.Errorf("%v (-want +told):\n%s", err, diff)
	}
}

// The server fails the commit, or goes away in the middle of it, after which nobody knows whether it has happened.
func TestNobodyIsToldOfACommitThatIsNotKnownToHaveHappened(t *testing.T) {
	for name, fatal := range map[string]string{
		"it fails":           `SELECT 1 / 0`,
		"it is not answered": `SELECT pg_terminate_backend(pg_backend_pid())`,
	} {
		t.Run(name, func(t *testing.T) {
			db, ear := listening(t)
			if _, err := db.Exec(t.Context(), `
				CREATE TABLE checked (n int);
				CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN EXECUTE '`+fatal+`'; RETURN NULL; END $$;
				CREATE CONSTRAINT TRIGGER fail AFTER INSERT ON checked DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION fail()`); err != nil {
				t.Fatal(err)
			}
			err := db.InTx(t.Context(), func(tx pgx.Tx) error {
				deed.In(tx, 1)
				_, err := tx.Exec(t.Context(), `INSERT INTO checked VALUES (1)`)
				return err
			})
			if told := ear.taken(); err == nil || len(told) > 0 {
				t.Errorf("%v, told %v", err, told)
			}
			if err := db.InTx(t.Context(), func(tx pgx.Tx) error { deed.In(tx, 2); return nil }); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]any{2}, ear.taken()); diff != "" {
				t.Errorf("of the next transaction (-want +told):\n%s", diff)
			}
		})
	}
}

func TestADeedIsAskedAfterWhileSomebodyHasUseForIt(t *testing.T) {
	db, ear := listening(t)
	for _, c := range []struct {
		deed postgres.Deed
		deaf bool
		want bool
	}{{deed, false, true}, {deed, true, false}, {"another", false, false}} {
		ear.deaf = c.deaf
		err := db.InTx(t.Context(), func(tx pgx.Tx) error {
			if got := c.deed.Asked(tx); got != c.want {
				t.Errorf("%s, to the deaf %t: %t", c.deed, c.deaf, got)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	tx, err := db.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback(context.Background()) }()
	if deed.Asked(tx) {
		t.Error("asked of a transaction that is not InTx's")
	}
}
