package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/pressly/goose/v3/lock"

	"quadrille.dev/platform/postgres"
	"quadrille.dev/platform/testkit"
)

func open(t *testing.T, url string) *postgres.DB {
	t.Helper()
	db, err := postgres.Open(t.Context(), url, "inventory")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	return db
}

// A program that starts where all is migrated waits for nobody who migrates.
func TestWhatIsMigratedIsNotLocked(t *testing.T) {
	url := testkit.Postgres(t)
	db := open(t, url)
	if err := db.Migrate(t.Context(), "inventory", migrations); err != nil {
		t.Fatal(err)
	}
	holder := open(t, url)
	if err := holder.AcquireFunc(t.Context(), func(conn *pgxpool.Conn) error {
		if _, err := conn.Exec(t.Context(), `SELECT pg_advisory_lock($1)`, lock.DefaultLockID); err != nil {
			return err
		}
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		defer cancel()
		return db.Migrate(ctx, "inventory", migrations)
	}); err != nil {
		t.Fatal(err)
	}
	more := maps.Clone(migrations)
	more["00003_more.sql"] = &fstest.MapFile{Data: []byte("-- +goose Up\nINSERT INTO counter VALUES ('c', 0);\n")}
	holder.Close()
	if err := db.Migrate(t.Context(), "inventory", more); err != nil {
		t.Fatal(err)
	}
	var rows int
	if err := db.QueryRow(t.Context(), `SELECT count(*) FROM counter`).Scan(&rows); err != nil || rows != 3 {
		t.Errorf("%d rows (%v)", rows, err)
	}
}

func TestConnectionsHaveNameAndZone(t *testing.T) {
	db := open(t, testkit.Postgres(t))
	var name, zone string
	err := db.QueryRow(t.Context(), `SELECT current_setting('application_name'), current_setting('timezone')`).Scan(&name, &zone)
	if err != nil || name != "inventory" || zone != "UTC" {
		t.Errorf("got %q, %q, %v", name, zone, err)
	}
}

func TestOpenWaitsNoLongerThanItsContext(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	_, err := postgres.Open(ctx, "postgres://nobody@127.0.0.1:1/nothing", "inventory")
	if _, refused := errors.AsType[*pgconn.ConnectError](err); !errors.Is(err, context.DeadlineExceeded) || !refused {
		t.Errorf("got %v", err)
	}
}

var migrations = fstest.MapFS{
	"00001_counter.sql": {Data: []byte("-- +goose Up\nCREATE TABLE counter (name text PRIMARY KEY, value bigint NOT NULL);\n")},
	"00002_rows.sql":    {Data: []byte("-- +goose Up\nINSERT INTO counter VALUES ('a', 0), ('b', 0);\n")},
}

func TestInstancesThatStartAtOnceMigrateOnce(t *testing.T) {
	url := testkit.Postgres(t)
	var all sync.WaitGroup
	for range 3 {
		db := open(t, url)
		all.Go(func() {
			if err := db.Migrate(t.Context(), "inventory", migrations); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	var rows int
	if err := open(t, url).QueryRow(t.Context(), `SELECT count(*) FROM counter`).Scan(&rows); err != nil || rows != 2 {
		t.Errorf("%d rows, %v", rows, err)
	}
}

func TestSetsOfMigrationsAreApart(t *testing.T) {
	db := open(t, testkit.Postgres(t))
	other := fstest.MapFS{"00001_other.sql": {Data: []byte("-- +goose Up\nCREATE TABLE other (id uuid);\n")}}
	if err := errors.Join(db.Migrate(t.Context(), "one", migrations), db.Migrate(t.Context(), "two", other)); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec(t.Context(), `SELECT FROM other, counter, goose_one, goose_two`); err != nil {
		t.Error(err)
	}
}

func increment(ctx context.Context, tx pgx.Tx, name string) error {
	_, err := tx.Exec(ctx, `UPDATE counter SET value = value + 1 WHERE name = $1`, name)
	return err
}

// Two transactions that lock two rows in opposite order: the server ends one, and InTx runs it again.
func TestTheVictimOfADeadlockRunsAgain(t *testing.T) {
	db := open(t, testkit.Postgres(t))
	if err := db.Migrate(t.Context(), "inventory", migrations); err != nil {
		t.Fatal(err)
	}
	var bothHaveOne, all sync.WaitGroup
	bothHaveOne.Add(2)
	runs := make(chan string, 10)
	cross := func(first, second string) {
		meet := sync.OnceFunc(func() { bothHaveOne.Done(); bothHaveOne.Wait() })
		err := db.InTx(t.Context(), func(tx pgx.Tx) error {
			runs <- first
			if err := increment(t.Context(), tx, first); err != nil {
				return err
			}
			meet()
			return increment(t.Context(), tx, second)
		})
		if err != nil {
			t.Error(err)
		}
	}
	all.Go(func() { cross("a", "b") })
	all.Go(func() { cross("b", "a") })
	all.Wait()
	if len(runs) < 3 {
		t.Errorf("%d runs, want 2 and at least one more", len(runs))
	}
	var a, b int
	err := db.QueryRow(t.Context(), `SELECT (SELECT value FROM counter WHERE name = 'a'), (SELECT value FROM counter WHERE name = 'b')`).Scan(&a, &b)
	if err != nil || a != 2 || b != 2 {
		t.Errorf("counted %d and %d, %v", a, b, err)
	}
}

func TestATransactionThatIsAlwaysTheVictimFails(t *testing.T) {
	db := open(t, testkit.Postgres(t))
	victim := &pgconn.PgError{Code: "40001"}
	runs := 0
	err := db.InTx(t.Context(), func(pgx.Tx) error { runs++; return victim })
	if !errors.Is(err, victim) || runs != 5 {
		t.Errorf("%v after %d runs", err, runs)
	}
}

func TestAfterCommitIsCalledAfterCommits(t *testing.T) {
	db := open(t, testkit.Postgres(t))
	called := 0
	db.AfterCommit(func() { called++ })
	refused := errors.New("refused")
	if err := db.InTx(t.Context(), func(pgx.Tx) error { return refused }); !errors.Is(err, refused) || called != 0 {
		t.Errorf("after a rollback: %v, called %d times", err, called)
	}
	if err := db.InTx(t.Context(), func(pgx.Tx) error { return nil }); err != nil || called != 1 {
		t.Errorf("after a commit: %v, called %d times", err, called)
	}
}

func TestAServerThatIsAwayIsToldFromOneThatRefuses(t *testing.T) {
	db := open(t, testkit.Postgres(t))
	_, ended := db.Exec(t.Context(), `SELECT pg_terminate_backend(pg_backend_pid())`)
	_, wrong := db.Exec(t.Context(), `SELECT 1 / 0`)
	_, missing := pgx.Connect(t.Context(), "postgres://nobody@127.0.0.1:1/nothing")
	for _, err := range []error{ended, missing, fmt.Errorf("receive message: %w", io.ErrUnexpectedEOF)} {
		if !postgres.Away(err) {
			t.Errorf("not away: %v", err)
		}
	}
	for _, err := range []error{wrong, pgx.ErrNoRows, nil} {
		if postgres.Away(err) {
			t.Errorf("away: %v", err)
		}
	}
}

// Of a list of keys PostgreSQL guesses that others are longer, and would plan for each list.
func TestWhoPlansOncePlansNoListOfKeysAgain(t *testing.T) {
	t.Parallel()
	db, err := postgres.Open(t.Context(), testkit.Postgres(t)+"&pool_max_conns=1", "test", postgres.PlansOnce)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	for range 10 {
		if _, err := db.Exec(t.Context(), `SELECT oid FROM pg_class WHERE relname = ANY ($1)`, []string{"pg_class"}); err != nil {
			t.Fatal(err)
		}
	}
	var anew int64
	if err := db.QueryRow(t.Context(), `SELECT sum(custom_plans) FROM pg_prepared_statements`).Scan(&anew); err != nil || anew > 0 {
		t.Errorf("planned %d times anew, %v", anew, err)
	}
}

// A table grows, and the plan stays as it was made.
func TestWhoPlansOnceReadsNoWholeTableThatWasSmall(t *testing.T) {
	t.Parallel()
	db, err := postgres.Open(t.Context(), testkit.Postgres(t)+"&pool_max_conns=1", "test", postgres.PlansOnce)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	for _, statement := range []string{
		`CREATE TABLE small (id uuid PRIMARY KEY, text text)`,
		`INSERT INTO small SELECT gen_random_uuid()`,
		`PREPARE one (uuid) AS SELECT text FROM small WHERE id = $1 FOR UPDATE`,
		`PREPARE many (uuid[]) AS SELECT text FROM small WHERE id = ANY ($1) ORDER BY id FOR UPDATE`,
	} {
		if _, err := db.Exec(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	for _, statement := range []string{`EXPLAIN EXECUTE one (gen_random_uuid())`, `EXPLAIN EXECUTE many (ARRAY[gen_random_uuid()])`} {
		rows, err := db.Query(t.Context(), statement)
		if err != nil {
			t.Fatal(err)
		}
		plan, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if text := strings.Join(plan, "\n"); err != nil || strings.Contains(text, "Seq Scan") || strings.Contains(text, "JIT") {
			t.Errorf("%s: %v\n%s", statement, err, text)
		}
	}
}
