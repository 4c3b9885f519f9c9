package audit_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"quadrille.dev/platform/audit"
	"quadrille.dev/platform/event"
	"quadrille.dev/platform/outbox"
	"quadrille.dev/platform/postgres"
	"quadrille.dev/platform/testkit"
	"quadrille.dev/schema/eventtest"
)

func open(t *testing.T) *postgres.DB {
	t.Helper()
	db, err := postgres.Open(t.Context(), testkit.Postgres(t), "audit")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	if err := errors.Join(
		db.Migrate(t.Context(), "outbox", outbox.Migrations()), db.Migrate(t.Context(), "audit", audit.Migrations()),
	); err != nil {
		t.Fatal(err)
	}
	return db
}

var entry = audit.Entry{
	ID: uuid.MustParse("01996f3a-5c10-7c2e-9a41-3b8e2f6d1a01"), Actor: "olga@quadrille.test", Action: "price.changed", Target: "CUP",
	Detail: "Set the list price to 4.25 GBP.", At: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC),
}

// kept is the rows of the audit and the facts in the outbox.
func kept(t *testing.T, db *postgres.DB) ([]audit.Entry, []event.Envelope) {
	t.Helper()
	rows, err := db.Query(t.Context(), `SELECT id, actor, action, target, detail, '' AS "order", at FROM audit`)
	if err != nil {
		t.Fatal(err)
	}
	entries, err := pgx.CollectRows(rows, pgx.RowToStructByPos[audit.Entry])
	if err != nil {
		t.Fatal(err)
	}
	rows, err = db.Query(t.Context(), `SELECT envelope FROM outbox`)
	if err != nil {
		t.Fatal(err)
	}
	facts, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (event.Envelope, error) {
		var body []byte
		if err := row.Scan(&body); err != nil {
			return event.Envelope{}, err
		}
		return event.Decode(body)
	})
	if err != nil {
		t.Fatal(err)
	}
	return entries, facts
}

func TestAnEntryIsKeptAndPublishedWithWhatItTellsOf(t *testing.T) {
	t.Parallel()
	db := open(t)
	err := db.InTx(t.Context(), func(tx pgx.Tx) error { return audit.Record(t.Context(), tx, "pricing", entry) })
	if err != nil {
		t.Fatal(err)
	}
	entries, facts := kept(t, db)
	if diff := cmp.Diff([]audit.Entry{entry}, entries); diff != "" {
		t.Error(diff)
	}
	if len(facts) != 1 {
		t.Fatalf("%d facts", len(facts))
	}
	fact := facts[0]
	if fact.Name() != "pricing.operator.acted" || fact.Subject != entry.ID.String() || fact.Sequence != 1 || fact.CorrelationID != "" {
		t.Errorf("published %+v", fact)
	}
	if err := eventtest.Validate(fact.Name(), fact.DataVersion, fact.Data); err != nil {
		t.Error(err)
	}
	want := `{"actor":"olga@quadrille.test","action":"price.changed","target":"CUP","detail":"Set the list price to 4.25 GBP."}`
	if diff := cmp.Diff(want, string(fact.Data)); diff != "" {
		t.Error(diff)
	}
}

func TestWhatIsNotCommittedIsNotAudited(t *testing.T) {
	t.Parallel()
	db, refused := open(t), errors.New("refused")
	err := db.InTx(t.Context(), func(tx pgx.Tx) error {
		return errors.Join(audit.Record(t.Context(), tx, "pricing", entry), refused)
	})
	if !errors.Is(err, refused) {
		t.Fatal(err)
	}
	if entries, facts := kept(t, db); len(entries)+len(facts) != 0 {
		t.Errorf("%d entries and %d facts of what did not happen", len(entries), len(facts))
	}
}

func TestAnActionOnAnOrderIsCorrelatedWithIt(t *testing.T) {
	t.Parallel()
	db, cancelled := open(t), entry
	cancelled.Order = "01996f3a-5c10-7c2e-9a41-3b8e2f6d1a99"
	err := db.InTx(t.Context(), func(tx pgx.Tx) error { return audit.Record(t.Context(), tx, "ordering", cancelled) })
	if err != nil {
		t.Fatal(err)
	}
	if _, facts := kept(t, db); len(facts) != 1 || facts[0].CorrelationID != cancelled.Order {
		t.Errorf("published %+v", facts)
	}
}
