package erasure_test

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"quadrille.dev/platform/erasure"
	"quadrille.dev/platform/event"
	"quadrille.dev/platform/inbox"
	"quadrille.dev/platform/outbox"
	"quadrille.dev/platform/postgres"
	"quadrille.dev/platform/testkit"
)

var (
	noon  = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	ada   = uuid.MustParse("01996f1e-0b7d-7a33-b1c9-5e4f2a6d8c11")
	grace = uuid.MustParse("01996f1e-4f02-7d58-96aa-0d7b3c1e9f12")
)

func open(t *testing.T) (db *postgres.DB, url string) {
	t.Helper()
	t.Parallel()
	url = testkit.Postgres(t)
	db, err := postgres.Open(t.Context(), url, "test")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	err = errors.Join(db.Migrate(t.Context(), "outbox", outbox.Migrations()), db.Migrate(t.Context(), "inbox", inbox.Migrations()))
	if err != nil {
		t.Fatal(err)
	}
	return db, url
}

// placed is an order of a customer's, whose name is in the address.
func placed(t *testing.T, order, name string, customer uuid.UUID) event.Envelope {
	return event.New(t.Context(), event.Fact{
		Name: "ordering.order.placed", Version: 1, Subject: order, Sequence: 1, At: noon,
		Data: map[string]any{"customerId": customer, "shippingAddress": map[string]any{"name": name, "countryCode": "GB"}},
	})
}

func inTx(t *testing.T, db *postgres.DB, do func(tx pgx.Tx) error) {
	t.Helper()
	if err := db.InTx(t.Context(), do); err != nil {
		t.Fatal(err)
	}
}

func wait(t *testing.T, db *postgres.DB, fact event.Envelope) {
	t.Helper()
	body, err := json.Marshal(fact)
	if err != nil {
		t.Fatal(err)
	}
	_, err = db.Exec(t.Context(), `INSERT INTO waiting (consumer, message_id, source, subject, type, envelope, state)
		VALUES ('test', $1, $2, $3, $4, $5, 'PARKED')`, fact.ID, fact.Source, fact.Subject, fact.Type, body)
	if err != nil {
		t.Fatal(err)
	}
}

func TestWhatWaitsIsBlotted(t *testing.T) {
	db, url := open(t)
	cancelled := event.New(t.Context(), event.Fact{
		Name: "ordering.order.cancelled", Version: 99, Subject: "order-1", Sequence: 2, At: noon, Data: map[string]string{"note": "Lovelace is away"},
	})
	inTx(t, db, func(tx pgx.Tx) error {
		return outbox.Append(t.Context(), tx, placed(t, "order-1", "Ada Lovelace", ada), placed(t, "order-2", "Grace Hopper", grace))
	})
	wait(t, db, placed(t, "order-3", "Ada Lovelace", ada))
	wait(t, db, cancelled)
	for range 2 {
		inTx(t, db, func(tx pgx.Tx) error {
			return erasure.Forget(t.Context(), tx, ada, func(context.Context) ([]string, error) { return []string{"order-1"}, nil })
		})
	}
	for _, where := range testkit.Search(t, url, "Lovelace") {
		t.Error(where)
	}
	if len(testkit.Search(t, url, "Grace Hopper", `"countryCode":"GB"`)) != 3 {
		t.Error("more is blotted than what is personal of one customer")
	}
}

func TestTheForgottenAreRemembered(t *testing.T) {
	db, _ := open(t)
	late := placed(t, "order-1", "Ada Lovelace", ada)
	body, err := json.Marshal(late)
	if err != nil {
		t.Fatal(err)
	}
	inTx(t, db, func(tx pgx.Tx) error {
		if erased, err := erasure.Forgotten(t.Context(), tx, ada); err != nil || erased {
			t.Errorf("before: %t, %v", erased, err)
		}
		clean, err := erasure.Clean(t.Context(), tx, late, body)
		if string(clean) != string(body) {
			t.Errorf("changed to %s", clean)
		}
		return err
	})
	inTx(t, db, func(tx pgx.Tx) error { return erasure.Forget(t.Context(), tx, ada, nil) })
	inTx(t, db, func(tx pgx.Tx) error {
		if erased, err := erasure.Forgotten(t.Context(), tx, ada); err != nil || !erased {
			t.Errorf("after: %t, %v", erased, err)
		}
		clean, err := erasure.Clean(t.Context(), tx, late, body)
		fact, undecodable := event.Decode(clean)
		if undecodable != nil || fact.ID != late.ID || string(fact.Data) != `{"customerId":"`+ada.String()+
			`","shippingAddress":{"countryCode":"GB","name":"***"}}` {
			t.Errorf("cleaned to %s", clean)
		}
		return err
	})
}

// Whoever stores on the word of Forgotten commits before the erasure looks for what to blot.
func TestAnErasureWaitsForThoseWhoAskedBefore(t *testing.T) {
	db, url := open(t)
	erased := make(chan error, 1)
	inTx(t, db, func(tx pgx.Tx) error {
		if _, err := erasure.Forgotten(t.Context(), tx, ada); err != nil {
			return err
		}
		go func() {
			erased <- db.InTx(t.Context(), func(tx pgx.Tx) error { return erasure.Forget(t.Context(), tx, ada, nil) })
		}()
		for waiting := false; !waiting; {
			const asks = `SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
				AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))`
			if err := db.QueryRow(t.Context(), asks).Scan(&waiting); err != nil {
				return err
			}
		}
		return outbox.Append(t.Context(), tx, placed(t, "order-1", "Ada Lovelace", ada))
	})
	if err := <-erased; err != nil {
		t.Fatal(err)
	}
	for _, where := range testkit.Search(t, url, "Lovelace") {
		t.Error(where)
	}
}
