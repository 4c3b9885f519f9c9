package replay_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"quadrille.dev/platform/event"
	"quadrille.dev/platform/inbox"
	"quadrille.dev/platform/outbox"
	"quadrille.dev/platform/postgres"
	"quadrille.dev/platform/replay"
	"quadrille.dev/platform/testkit"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func open(t *testing.T) *postgres.DB {
	t.Helper()
	t.Parallel()
	db, err := postgres.Open(t.Context(), testkit.Postgres(t), "ordering")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	if err := db.Migrate(t.Context(), "outbox", outbox.Migrations()); err != nil {
		t.Fatal(err)
	}
	_, err = db.Exec(t.Context(), `CREATE TABLE prices (sku text PRIMARY KEY, sequence bigint NOT NULL); CREATE TABLE orders (sku text)`)
	if err != nil {
		t.Fatal(err)
	}
	return db
}

// keep is what builds the read side: the latest that was said of each SKU.
func keep(ctx context.Context, tx pgx.Tx, e event.Envelope, _ time.Time) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO prices AS known VALUES ($1, $2) ON CONFLICT (sku) DO UPDATE SET sequence = EXCLUDED.sequence
		WHERE known.sequence < EXCLUDED.sequence`, e.Subject, e.Sequence)
	return err
}

// act is what a replay must not do.
func act(ctx context.Context, tx pgx.Tx, e event.Envelope, at time.Time) error {
	return outbox.Append(ctx, tx, event.New(ctx, event.Fact{
		Name: "ordering.order.placed", Version: 1, Subject: e.Subject, Sequence: e.Sequence, At: at, Data: struct{}{},
	}))
}

func both(ctx context.Context, tx pgx.Tx, e event.Envelope, at time.Time) error {
	return errors.Join(keep(ctx, tx, e, at), act(ctx, tx, e, at))
}

func side(db *postgres.DB, routes ...inbox.Route[pgx.Tx]) replay.ReadSide[pgx.Tx] {
	return replay.ReadSide[pgx.Tx]{
		DB: db, Routes: routes, Bind: func(tx pgx.Tx) pgx.Tx { return tx }, Tables: []string{"prices"},
	}
}

func price(sku string, sequence int64) event.Envelope {
	return event.New(context.Background(), event.Fact{
		Name: "pricing.price.changed", Version: 1, Subject: sku, Sequence: sequence,
		At: noon.Add(time.Duration(sequence) * time.Minute), Data: struct{}{},
	})
}

// from is a source of facts.
func from(facts ...event.Envelope) replay.Source {
	return func(_ context.Context, _ replay.Window, _ []string, each func(event.Envelope, time.Time) error) error {
		for _, fact := range facts {
			if err := each(fact, fact.Time); err != nil {
				return err
			}
		}
		return nil
	}
}

func prices(t *testing.T, db *postgres.DB) map[string]int64 {
	t.Helper()
	rows, err := db.Query(t.Context(), `SELECT sku, sequence FROM prices`)
	if err != nil {
		t.Fatal(err)
	}
	prices := map[string]int64{}
	var sku string
	var sequence int64
	if _, err := pgx.ForEachRow(rows, []any{&sku, &sequence}, func() error { prices[sku] = sequence; return nil }); err != nil {
		t.Fatal(err)
	}
	return prices
}

func count(t *testing.T, db *postgres.DB, table string) (n int) {
	t.Helper()
	if err := db.QueryRow(t.Context(), `SELECT count(*) FROM `+table).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestOnlyWhatBuildsTheReadSideIsDoneAgain(t *testing.T) {
	db := open(t)
	routes := []inbox.Route[pgx.Tx]{
		inbox.Route[pgx.Tx]{Fact: "pricing.price.changed", Handle: both}.ProjectingAs(inbox.Route[pgx.Tx]{Handle: keep}),
		{Fact: "billing.payment.captured", Handle: act},
	}
	captured := event.New(t.Context(), event.Fact{
		Name: "billing.payment.captured", Version: 1, Subject: "order", Sequence: 1, At: noon.Add(time.Hour), Data: struct{}{},
	})
	var many []event.Envelope
	for sequence := range int64(150) { // more than share a transaction
		many = append(many, price("TEA", sequence+1))
	}
	report, err := side(db, routes...).Build(t.Context(), from(append(many, captured)...), replay.Window{From: noon}, false)
	if err != nil {
		t.Fatal(err)
	}
	want := replay.Report{Types: []string{"pricing.price.changed"}, Facts: 150, Rows: 150}
	if diff := cmp.Diff(want, report); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(map[string]int64{"TEA": 150}, prices(t, db)); diff != "" {
		t.Error(diff)
	}
	if n := count(t, db, "outbox"); n != 0 {
		t.Errorf("%d facts in the outbox", n)
	}
}

// A route that is declared wrongly is caught by what it writes.
func TestAReplayThatWritesAnythingElseIsRolledBack(t *testing.T) {
	order := func(ctx context.Context, tx pgx.Tx, e event.Envelope, _ time.Time) error {
		_, err := tx.Exec(ctx, `INSERT INTO orders VALUES ($1)`, e.Subject)
		return err
	}
	for name, wrong := range map[string]func(context.Context, pgx.Tx, event.Envelope, time.Time) error{"fact": both, "row": order} {
		t.Run(name, func(t *testing.T) {
			db := open(t)
			route := inbox.Route[pgx.Tx]{Fact: "pricing.price.changed", Handle: wrong}.Projecting()
			for range 3 { // whatever the session wrote before
				_, err := side(db, route).Build(t.Context(), from(price("TEA", 1)), replay.Window{From: noon}, false)
				if !errors.Is(err, replay.ErrSideEffect) {
					t.Errorf("got %v", err)
				}
				if _, err := db.Exec(t.Context(), `INSERT INTO orders VALUES ('before')`); err != nil {
					t.Fatal(err)
				}
			}
			if n := count(t, db, "outbox") + count(t, db, "prices"); n != 0 {
				t.Errorf("%d rows are left", n)
			}
		})
	}
}

// What others wrote in the same session before is not held against a replay.
func TestWhatWasWrittenBeforeIsNotTakenForASideEffect(t *testing.T) {
	db := open(t)
	route := inbox.Route[pgx.Tx]{Fact: "pricing.price.changed", Handle: keep}.Projecting()
	for sequence := range int64(20) {
		if _, err := db.Exec(t.Context(), `INSERT INTO orders VALUES ('before')`); err != nil {
			t.Fatal(err)
		}
		if _, err := side(db, route).Build(t.Context(), from(price("TEA", sequence+1)), replay.Window{From: noon}, false); err != nil {
			t.Fatal(err)
		}
	}
}

func TestADryRunIsTakenBack(t *testing.T) {
	db := open(t)
	route := inbox.Route[pgx.Tx]{Fact: "pricing.price.changed", Handle: keep}.Projecting()
	report, err := side(db, route).Build(t.Context(), from(price("TEA", 1), price("TEA", 2)), replay.Window{From: noon}, true)
	if err != nil || report.Rows != 2 || report.Facts != 2 || len(prices(t, db)) != 0 {
		t.Errorf("%+v, %v, %v", report, err, prices(t, db))
	}
}

func TestOnlyTheFactsOfTheWindowAreHandledAndNoneUndoesALaterOne(t *testing.T) {
	db := open(t)
	route := inbox.Route[pgx.Tx]{Fact: "pricing.price.changed", Handle: keep}.Projecting()
	if _, err := db.Exec(t.Context(), `INSERT INTO prices VALUES ('LATE', 9)`); err != nil {
		t.Fatal(err)
	}
	window := replay.Window{From: noon.Add(2 * time.Minute), To: noon.Add(4 * time.Minute)}
	source := from(price("A", 1), price("B", 2), price("C", 3), price("D", 4), price("LATE", 2))
	report, err := side(db, route).Build(t.Context(), source, window, false)
	if err != nil || report.Facts != 3 || report.Rows != 2 {
		t.Errorf("%+v, %v", report, err)
	}
	if diff := cmp.Diff(map[string]int64{"B": 2, "C": 3, "LATE": 9}, prices(t, db)); diff != "" {
		t.Error(diff)
	}
}

func TestAFactThatCannotBeReadIsPassedOver(t *testing.T) {
	db := open(t)
	route := inbox.On("pricing.price.changed",
		inbox.Versions[event.Envelope]{1: func(e event.Envelope) (event.Envelope, error) { return e, nil }},
		func(ctx context.Context, tx pgx.Tx, e event.Envelope, at time.Time) error {
			return keep(ctx, tx, e, at)
		}).Projecting()
	unknown := price("TEA", 2)
	unknown.DataVersion = 99
	report, err := side(db, route).Build(t.Context(), from(price("TEA", 1), unknown, price("CUP", 3)), replay.Window{From: noon}, false)
	if err != nil || report.Unreadable != 1 || len(prices(t, db)) != 2 {
		t.Errorf("%+v, %v, %v", report, err, prices(t, db))
	}
}
