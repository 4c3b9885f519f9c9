package postgres_test

import (
	"context"
	"errors"
	"net"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"quadrille.dev/platform/postgres"
	"quadrille.dev/platform/testkit"
)

// counted is a connection that counts what is sent, a round trip each.
type counted struct {
	net.Conn
	sent *atomic.Int64
}

func (c counted) Write(data []byte) (int, error) {
	c.sent.Add(1)
	return c.Conn.Write(data)
}

func TestATransactionTakesNoMoreRoundTripsThanWhatIsAskedInIt(t *testing.T) {
	config, err := pgx.ParseConfig(testkit.Postgres(t))
	if err != nil {
		t.Fatal(err)
	}
	var sent atomic.Int64
	config.DialFunc = func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := new(net.Dialer).DialContext(ctx, network, address)
		return counted{conn, &sent}, err
	}
	conn, err := pgx.ConnectConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	if _, err := conn.Exec(t.Context(), `CREATE TABLE note (text text)`); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		do   func(tx pgx.Tx) error
		want int64
	}{
		"nothing": {func(pgx.Tx) error { return nil }, 0},
		"a write": {func(tx pgx.Tx) error {
			later(t.Context(), t, tx, "a")
			return nil
		}, 1},
		"a read and two writes": {func(tx pgx.Tx) error {
			var n int
			err := tx.QueryRow(t.Context(), count).Scan(&n)
			later(t.Context(), t, tx, "a")
			later(t.Context(), t, tx, "b")
			return err
		}, 2},
	} {
		for try := range 2 { // The statements are prepared in the first.
			sent.Store(0)
			tx := postgres.Begin(conn)
			if err := errors.Join(c.do(tx), tx.Commit(t.Context())); err != nil {
				t.Fatal(err)
			}
			if got := sent.Load(); try == 1 && got != c.want {
				t.Errorf("%s: %d round trips, want %d", name, got, c.want)
			}
		}
	}
}

// Whatever becomes of a transaction, nothing of it is left, in the table or on the connection.
func TestATransactionThatDoesNotCommitLeavesNothing(t *testing.T) {
	db := notes(t)
	refused := errors.New("refused")
	for name, f := range map[string]func(tx pgx.Tx) error{
		"it is refused":     func(pgx.Tx) error { return refused },
		"the context ended": nil,
		"a statement failed, and nobody cared": func(tx pgx.Tx) error {
			_, err := tx.Exec(t.Context(), `SELECT 1 / 0`)
			if err == nil {
				t.Error("one can be divided by zero")
			}
			return nil
		},
		"it panics": func(pgx.Tx) error { panic(refused) },
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			err := func() (err error) {
				defer func() {
					if r := recover(); r != nil {
						err = refused
					}
				}()
				return db.InTx(ctx, func(tx pgx.Tx) error {
					if _, err := tx.Exec(ctx, `INSERT INTO note (text) VALUES ('left')`); err != nil {
						return err
					}
					if f == nil {
						cancel()
						return nil
					}
					return f(tx)
				})
			}()
			if err == nil {
				t.Error("committed")
			}
			if texts := written(t, db); len(texts) > 0 {
				t.Errorf("%v are left", texts)
			}
			if err := db.InTx(t.Context(), func(tx pgx.Tx) error {
				var n int
				return tx.QueryRow(t.Context(), count).Scan(&n)
			}); err != nil {
				t.Errorf("the next transaction: %v", err)
			}
		})
	}
}

// What fails at the commit fails the transaction.
func TestWhatIsCheckedAtTheCommitFailsTheTransaction(t *testing.T) {
	db := notes(t)
	if _, err := db.Exec(t.Context(), `CREATE TABLE child (parent text REFERENCES note (text) DEFERRABLE INITIALLY DEFERRED)`); err != nil {
		t.Fatal(err)
	}
	hooked := false
	err := db.InTx(t.Context(), func(tx pgx.Tx) error {
		db.OnCommit(tx, func() { hooked = true })
		_, err := tx.Exec(t.Context(), `INSERT INTO child VALUES ('nobody')`)
		return err
	})
	if failure, is := errors.AsType[*pgconn.PgError](err); !is || failure.Code != "23503" || hooked {
		t.Errorf("%v, told of a commit: %t", err, hooked)
	}
	if err := db.InTx(t.Context(), func(tx pgx.Tx) error { _, err := tx.Exec(t.Context(), `SELECT 1`); return err }); err != nil {
		t.Error(err)
	}
}

func TestASavepointIsUndoneByItself(t *testing.T) {
	db := notes(t)
	err := db.InTx(t.Context(), func(tx pgx.Tx) error {
		later(t.Context(), t, tx, "before")
		undone := pgx.BeginFunc(t.Context(), tx, func(tx pgx.Tx) error {
			later(t.Context(), t, tx, "undone")
			if _, err := tx.Exec(t.Context(), `INSERT INTO note (text) VALUES ('undone as well')`); err != nil {
				return err
			}
			later(t.Context(), t, tx, "never done")
			_, err := tx.Exec(t.Context(), `SELECT 1 / 0`)
			return err
		})
		if undone == nil {
			t.Error("one can be divided by zero")
		}
		kept := pgx.BeginFunc(t.Context(), tx, func(tx pgx.Tx) error {
			later(t.Context(), t, tx, "kept")
			return nil
		})
		later(t.Context(), t, tx, "after")
		return kept
	})
	if texts := written(t, db); err != nil || !slices.Equal(texts, []string{"before", "kept", "after"}) {
		t.Errorf("%v, %v", texts, err)
	}
}
