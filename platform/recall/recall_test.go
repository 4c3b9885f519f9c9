package recall_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"quadrille.dev/platform/event"
	"quadrille.dev/platform/inbox"
	"quadrille.dev/platform/outbox"
	"quadrille.dev/platform/postgres"
	"quadrille.dev/platform/recall"
	"quadrille.dev/platform/testkit"
)

func open(t *testing.T) *postgres.DB {
	t.Helper()
	t.Parallel()
	db, err := postgres.Open(t.Context(), testkit.Postgres(t), "inventory")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	if err := db.Migrate(t.Context(), "outbox", outbox.Migrations()); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec(t.Context(), `CREATE TABLE held (quantity bigint NOT NULL CHECK (quantity >= 0)); INSERT INTO held VALUES (0)`); err != nil {
		t.Fatal(err)
	}
	return db
}

type moved struct {
	Quantity int64 `json:"quantity"`
}

// told puts facts of the context's own where a restore puts them: each moves so much.
func told(t *testing.T, db *postgres.DB, name string, quantities ...int64) {
	t.Helper()
	for i, quantity := range quantities {
		body, err := json.Marshal(event.New(t.Context(), event.Fact{
			Name: name, Version: 1, Subject: "TEA", Sequence: int64(i + 1), At: time.Now(), Data: moved{quantity},
		}))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := db.Exec(t.Context(), `INSERT INTO recall (envelope) VALUES ($1)`, body); err != nil {
			t.Fatal(err)
		}
	}
}

// move is a use case that changes what is held, and tells of it.
func move(ctx context.Context, tx pgx.Tx, e event.Envelope, at time.Time) error {
	data, err := event.Data[moved](e)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `UPDATE held SET quantity = quantity + $1`, data.Quantity); err != nil {
		return err
	}
	return outbox.Append(ctx, tx, event.New(ctx, event.Fact{
		Name: "inventory.stock.moved", Version: 1, Subject: "TEA", Sequence: 99, At: at, Data: data,
	}))
}

func all(t *testing.T, db *postgres.DB, handle func(context.Context, pgx.Tx, event.Envelope, time.Time) error) (int, error) {
	t.Helper()
	routes := inbox.Routes[pgx.Tx]{{Fact: "inventory.stock.moved", Handle: handle}}
	return recall.All(t.Context(), db, routes, func(tx pgx.Tx) pgx.Tx { return tx })
}

func counts(t *testing.T, db *postgres.DB) (held, left, outbox int64) {
	t.Helper()
	err := db.QueryRow(t.Context(), `SELECT (SELECT quantity FROM held), (SELECT count(*) FROM recall), (SELECT count(*) FROM outbox)`).
		Scan(&held, &left, &outbox)
	if err != nil {
		t.Fatal(err)
	}
	return held, left, outbox
}

// The second takes away what only the fourth brings: it waits for that.
func TestWhatWasToldIsTakenUpOnceInAnyOrderAndToldToNobody(t *testing.T) {
	db := open(t)
	told(t, db, "inventory.stock.moved", 1, -3, 1, 4)
	told(t, db, "inventory.operator.acted", 7) // nothing comes of it
	recalled, err := all(t, db, move)
	if held, left, outbox := counts(t, db); recalled != 5 || err != nil || held != 3 || left != 0 || outbox != 0 {
		t.Errorf("%d recalled, %v: %d held, %d left, %d told", recalled, err, held, left, outbox)
	}
	if again, err := all(t, db, move); again != 0 || err != nil {
		t.Errorf("%d recalled again, %v", again, err)
	}
}

func TestWhatCannotBeTakenUpIsKeptAndSaidToBe(t *testing.T) {
	db := open(t)
	told(t, db, "inventory.stock.moved", 1, -3)
	recalled, err := all(t, db, move)
	if held, left, _ := counts(t, db); recalled != 1 || err == nil || held != 1 || left != 1 {
		t.Errorf("%d recalled, %v: %d held, %d left", recalled, err, held, left)
	}
	if err == nil || !strings.Contains(err.Error(), "1 facts are left") {
		t.Errorf("got %v", err)
	}
}

func TestRecallingNeverTellsAnything(t *testing.T) {
	db := open(t)
	told(t, db, "inventory.stock.moved", 1)
	_, err := all(t, db, func(_ context.Context, tx pgx.Tx, e event.Envelope, at time.Time) error {
		return move(context.WithoutCancel(t.Context()), tx, e, at) // has lost that it is muted
	})
	if _, _, outbox := counts(t, db); !errors.Is(err, recall.ErrTold) || outbox != 0 {
		t.Errorf("%v, %d told", err, outbox)
	}
}

func TestFactsOfALaterEpochTakeNoEarlierOnesPlace(t *testing.T) {
	db := open(t)
	fact := func(sequence int64) event.Envelope {
		return event.New(t.Context(), event.Fact{
			Name: "inventory.stock.moved", Version: 1, Subject: "TEA", Sequence: sequence, At: time.Now(), Data: moved{1},
		})
	}
	if _, err := db.Exec(t.Context(), `UPDATE epoch SET number = 1000, began_at = now()`); err != nil {
		t.Fatal(err)
	}
	if err := db.InTx(t.Context(), func(tx pgx.Tx) error { return outbox.Append(t.Context(), tx, fact(1), fact(2)) }); err != nil {
		t.Fatal(err)
	}
	rows, err := db.Query(t.Context(), `SELECT id::text, sequence, envelope FROM outbox ORDER BY position`)
	if err != nil {
		t.Fatal(err)
	}
	var id string
	var sequence, last int64
	var body []byte
	seen := map[string]bool{fact(1).ID.String(): true, fact(2).ID.String(): true}
	_, err = pgx.ForEachRow(rows, []any{&id, &sequence, &body}, func() error {
		e, err := event.Decode(body)
		switch {
		case err != nil:
			return err
		case seen[id] || e.ID.String() != id || e.Sequence != sequence:
			return fmt.Errorf("row %s, %d has envelope %s, %d", id, sequence, e.ID, e.Sequence)
		case sequence <= last || sequence <= 1<<29 || sequence >= 1<<53:
			return fmt.Errorf("sequence %d after %d", sequence, last)
		}
		seen[id], last = true, sequence
		return nil
	})
	if err != nil || len(seen) != 4 {
		t.Errorf("%d ids, %v", len(seen), err)
	}
	if restored, err := outbox.Restored(t.Context(), db); err != nil || time.Since(restored) > time.Minute {
		t.Errorf("restored %s, %v", restored, err)
	}
}
