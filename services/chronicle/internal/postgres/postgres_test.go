package postgres_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"quadrille.dev/platform/event"
	"quadrille.dev/platform/inbox"
	"quadrille.dev/platform/outbox"
	platform "quadrille.dev/platform/postgres"
	"quadrille.dev/platform/testkit"
	"quadrille.dev/schema"
	"quadrille.dev/schema/eventtest"

	"quadrille.dev/services/chronicle/internal/acl"
	"quadrille.dev/services/chronicle/internal/app"
	"quadrille.dev/services/chronicle/internal/postgres"
	"quadrille.dev/services/chronicle/internal/saga"
	"quadrille.dev/services/chronicle/migrations"
)

var start = time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)

// book is a database of chronicle's, and what it announced.
type book struct {
	*testing.T
	db *platform.DB

	mu        sync.Mutex
	announced []acl.SagaChange
}

func open(t *testing.T, options ...platform.Option) *book {
	t.Helper()
	db, err := platform.Open(t.Context(), testkit.Postgres(t), "chronicle", options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	err = errors.Join(db.Migrate(t.Context(), "outbox", outbox.Migrations()), db.Migrate(t.Context(), "inbox", inbox.Migrations()),
		db.Migrate(t.Context(), "chronicle", migrations.FS))
	if err != nil {
		t.Fatal(err)
	}
	return &book{T: t, db: db}
}

// record handles a fact as the consumer does, save that nothing else sees to it that a fact is handled once.
func (b *book) record(e event.Envelope, at time.Time) {
	b.Helper()
	err := b.db.InTx(context.Background(), func(tx pgx.Tx) error {
		return acl.Routes().Handle(context.Background(), b.store(tx), e, at)
	})
	if err != nil {
		b.Errorf("record %s: %v", e.Name(), err)
	}
}

func (b *book) store(tx pgx.Tx) app.Store {
	return postgres.New(tx, func(s saga.Saga, fact app.Fact) {
		b.db.OnCommit(tx, func() {
			b.mu.Lock()
			defer b.mu.Unlock()
			b.announced = append(b.announced, acl.Changed(s, fact))
		})
	})
}

func (b *book) archive() *postgres.Archive { return postgres.NewArchive(b.db.Pool, acl.Processes()) }

func (b *book) saga(id string) saga.Saga {
	b.Helper()
	sagas, err := b.archive().Sagas(context.Background(), []string{id})
	if err != nil {
		b.Fatal(err)
	}
	if len(sagas) != 1 {
		b.Fatalf("%d sagas with one id", len(sagas))
	}
	return sagas[0]
}

func (b *book) facts(id string) []app.Recorded {
	b.Helper()
	facts, err := b.archive().Facts(context.Background(), []string{id}, 0, 1000)
	if err != nil {
		b.Fatal(err)
	}
	return facts[id]
}

// fact is a fact of an order, with its schema's first example as payload.
func fact(name string, order uuid.UUID, sequence int64) event.Envelope {
	return event.New(context.Background(), event.Fact{
		Name: name, Version: 1, Subject: order.String(), Sequence: sequence, CorrelationID: order.String(),
		At: start.Add(time.Duration(sequence) * time.Second), Data: eventtest.Examples(name, 1)[0],
	})
}

// fulfilled is a whole order, in the order in which it happens.
func fulfilled(order uuid.UUID) []event.Envelope {
	return []event.Envelope{
		fact("ordering.order.placed", order, 1),
		fact("inventory.stock.reserved", order, 1),
		fact("billing.invoice.issued", order, 1),
		fact("billing.payment.captured", order, 2),
		fact("fulfillment.shipment.arranged", order, 1),
		fact("inventory.stock.deducted", order, 2),
		fact("ordering.order.fulfilled", order, 2),
		fact("fulfillment.shipment.dispatched", order, 2),
	}
}

func TestFactsAreNumberedWithoutAGap(t *testing.T) {
	b := open(t)
	order := uuid.New()
	facts := fulfilled(order)
	var recording sync.WaitGroup
	for _, e := range facts {
		recording.Go(func() { b.record(e, start) })
	}
	recording.Wait()
	recorded := b.facts(order.String())
	if len(recorded) != len(facts) {
		t.Fatalf("%d facts, want %d", len(recorded), len(facts))
	}
	for i, f := range recorded {
		if f.Sequence != int64(i+1) {
			t.Errorf("fact %d has number %d", i+1, f.Sequence)
		}
	}
	s := b.saga(order.String())
	if s.Sequence != int64(len(facts)) || s.State() != saga.Completed {
		t.Errorf("saga has sequence %d and state %s", s.Sequence, s.State())
	}
	var announced []int64
	for i, change := range b.announced {
		announced = append(announced, change.Sequence)
		if want := recorded[change.Sequence-1].ID.String(); change.Fact.ID != want {
			t.Errorf("announcement %d tells of fact %s, want %s", i, change.Fact.ID, want)
		}
	}
	slices.Sort(announced)
	if diff := cmp.Diff([]int64{1, 2, 3, 4, 5, 6, 7, 8}, announced); diff != "" {
		t.Error(diff)
	}
}

func TestRecordingAgainChangesNothing(t *testing.T) {
	b := open(t)
	order := uuid.New()
	received := event.New(t.Context(), event.Fact{
		Name: "inventory.stock.received", Version: 1, Subject: "TEA", Sequence: 1, At: start,
		Data: eventtest.Examples("inventory.stock.received", 1)[0],
	})
	facts := append(fulfilled(order)[:3], received)
	for _, e := range facts {
		b.record(e, start)
	}
	before, announced := b.saga(order.String()), len(b.announced)
	for _, e := range facts {
		b.record(e, start.Add(time.Hour))
	}
	if diff := cmp.Diff(before, b.saga(order.String()), cmpopts.IgnoreFields(saga.Saga{}, "Process")); diff != "" {
		t.Error(diff)
	}
	if len(b.announced) != announced {
		t.Error("a repeat was announced")
	}
	if n := b.count(`SELECT count(*) FROM facts`); n != len(facts) {
		t.Errorf("%d facts, want %d", n, len(facts))
	}
}

func (b *book) count(query string, args ...any) (n int) {
	b.Helper()
	if err := b.db.QueryRow(context.Background(), query, args...).Scan(&n); err != nil {
		b.Fatal(err)
	}
	return n
}

func TestNothingIsAnnouncedThatIsRolledBack(t *testing.T) {
	b := open(t)
	refused := errors.New("refused")
	err := b.db.InTx(t.Context(), func(tx pgx.Tx) error {
		if err := acl.Routes().Handle(t.Context(), b.store(tx), fact("ordering.order.placed", uuid.New(), 1), start); err != nil {
			return err
		}
		return refused
	})
	if !errors.Is(err, refused) {
		t.Fatal(err)
	}
	if len(b.announced) != 0 {
		t.Error("announced all the same")
	}
}

// What is stored of a saga is what its facts give when they are heard again.
func TestSagasCanBeRebuiltFromTheirFacts(t *testing.T) {
	b := open(t)
	for i, arrival := range [][]int{{0, 1, 2, 3, 4, 5, 6, 7}, {7, 6, 5, 4, 3, 2, 1, 0}, {1, 3, 0, 2}, {1, 0, 8, 9, 3}} {
		order := uuid.New()
		facts := append(fulfilled(order), fact("billing.payment.stalled", order, 9), fact("chronicle.saga.stuck", order, 1))
		for n, at := range arrival {
			b.record(facts[at], start.Add(time.Duration(n)*time.Minute))
		}
		rebuilt := saga.Saga{ID: order.String(), Process: acl.Processes()["ORDER"]}
		for n, recorded := range b.facts(order.String()) {
			var e event.Envelope
			if err := json.Unmarshal(recorded.Envelope, &e); err != nil {
				t.Fatal(err)
			}
			read, err := acl.Read(e)
			if err != nil {
				t.Fatal(err)
			}
			rebuilt = rebuilt.Hear(read.Heard(), start.Add(time.Duration(n)*time.Minute))
		}
		stored := b.saga(order.String())
		if diff := cmp.Diff(rebuilt, stored, cmpopts.IgnoreFields(saga.Saga{}, "Process"), cmpopts.EquateApproxTime(0)); diff != "" {
			t.Errorf("arrival %d:\n%s", i, diff)
		}
		if diff := cmp.Diff(rebuilt.View(), stored.View(), cmpopts.EquateApproxTime(0)); diff != "" {
			t.Errorf("arrival %d:\n%s", i, diff)
		}
		if n := b.count(`SELECT count(*) FROM sagas WHERE id = $1 AND state = $2`, order.String(), rebuilt.State()); n != 1 {
			t.Errorf("arrival %d: the state kept for searching is not %s", i, rebuilt.State())
		}
	}
}

func TestEveryFactIsRecorded(t *testing.T) {
	b := open(t)
	recorded := 0
	for _, declared := range schema.Events() {
		b.record(event.New(t.Context(), event.Fact{
			Name: declared.Name, Version: declared.Version, Subject: fmt.Sprint(declared.Name, declared.Version), Sequence: 1, At: start,
			Data: declared.Examples[0],
		}), start)
		recorded++
	}
	for name, data := range map[string]string{
		"loyalty.card.stamped":  `{"stamps":3}`,
		"loyalty.card.odd":      "{\"a\":\"\\u0000 \xff \\\\u0000\",\"b\":1e999999}",
		"ordering.order.placed": `"no object"`,
	} {
		b.record(event.New(t.Context(), event.Fact{
			Name: name, Version: 99, Subject: name, Sequence: 1, CorrelationID: name, At: start, Data: json.RawMessage(data),
		}), start)
		recorded++
	}
	if n := b.count(`SELECT count(*) FROM facts`); n != recorded {
		t.Errorf("%d facts, want %d", n, recorded)
	}
	if n := b.count(`SELECT count(*) FROM facts WHERE envelope::text LIKE '%Lovelace%' OR envelope::text LIKE '%pm_card%'`); n != 0 {
		t.Errorf("%d facts hold personal data", n)
	}
	if diff := cmp.Diff(int64(1), b.saga("ordering.order.placed").Sequence); diff != "" {
		t.Errorf("a new version of a known fact is no longer part of its saga:\n%s", diff)
	}
	if sagas, err := b.archive().Sagas(t.Context(), []string{"loyalty.card.stamped"}); err != nil || len(sagas) != 0 {
		t.Errorf("an unknown fact made sagas %v, error %v", sagas, err)
	}
}

// acted is what an operator did in a context, with its schema's first example as payload.
func acted(from string, at time.Time) event.Envelope {
	name := from + ".operator.acted"
	return event.New(context.Background(), event.Fact{
		Name: name, Version: 1, Subject: uuid.NewString(), Sequence: 1, At: at, Data: eventtest.Examples(name, 1)[0],
	})
}

func TestTheAuditLogHasWhatOperatorsDidOnceAndTheLatestFirst(t *testing.T) {
	b := open(t)
	facts := []event.Envelope{
		acted("pricing", start), acted("inventory", start.Add(time.Second)), acted("ordering", start.Add(time.Second)),
		acted("catalog", start.Add(2*time.Second)), fact("ordering.order.placed", uuid.New(), 1),
	}
	for range 2 {
		for _, e := range facts {
			b.record(e, start)
		}
	}
	b.record(event.New(context.Background(), event.Fact{
		Name: "pricing.operator.acted", Version: 99, Subject: "odd", Sequence: 1, At: start, Data: json.RawMessage(`{"who":"olga"}`),
	}), start)
	var got []string
	var after app.Position
	for range 3 {
		log, total, err := b.archive().Audit(t.Context(), nil, app.Page{First: 2, After: after})
		if err != nil || total != 4 {
			t.Fatalf("total %d, %v", total, err)
		}
		for _, done := range log {
			got = append(got, fmt.Sprint(done.Context, " ", done.Actor, " ", done.Action.Action, " ", done.Target))
			after = app.Position{At: done.At, ID: done.ID.String()}
		}
	}
	some, total, err := b.archive().Audit(t.Context(), []uuid.UUID{facts[1].ID, uuid.New()}, app.Page{First: 2})
	if err != nil || total != 1 || len(some) != 1 || some[0].Context != "inventory" {
		t.Errorf("of the two asked for: %d in all, %v, %v", total, some, err)
	}
	slices.Sort(got[1:3]) // of two at one moment either may come first
	did := " olga@quadrille.test parked.retried 01996f3a-5c10-7c2e-9a41-3b8e2f6d1a01"
	if diff := cmp.Diff([]string{"catalog" + did, "inventory" + did, "ordering" + did, "pricing" + did}, got); diff != "" {
		t.Error(diff)
	}
}

func TestSearch(t *testing.T) {
	b := open(t)
	customer := uuid.MustParse("01996f1e-0b7d-7a33-b1c9-5e4f2a6d8c11")
	done, moving, silent, undoing, stalled := uuid.New(), uuid.New(), uuid.New(), uuid.New(), uuid.New()
	for i, e := range fulfilled(done) {
		b.record(e, start.Add(time.Duration(i)*time.Second))
	}
	b.record(fact("inventory.stock.reserved", silent, 1), start.Add(time.Minute))
	b.record(fact("ordering.order.placed", moving, 1), start.Add(2*time.Minute))
	b.record(fact("ordering.order.cancelled", undoing, 1), start.Add(2*time.Minute))
	b.record(fact("inventory.stock.reserved", stalled, 1), start.Add(3*time.Minute))
	b.record(fact("billing.payment.stalled", stalled, 2), start.Add(3*time.Minute))
	later := start.Add(90 * time.Second)
	for name, test := range map[string]struct {
		query app.Query
		want  []uuid.UUID
	}{
		"all":                {app.Query{}, []uuid.UUID{stalled, moving, undoing, silent, done}},
		"completed":          {app.Query{States: []saga.State{saga.Completed}, StuckSince: later}, []uuid.UUID{done}},
		"running, not stuck": {app.Query{States: []saga.State{saga.Running}, StuckSince: later}, []uuid.UUID{moving}},
		"stuck":              {app.Query{Stuck: true, StuckSince: later}, []uuid.UUID{stalled, silent}},
		"stuck or running":   {app.Query{States: []saga.State{saga.Running}, Stuck: true, StuckSince: later}, []uuid.UUID{stalled, moving, silent}},
		"stuck or completed": {app.Query{States: []saga.State{saga.Completed}, Stuck: true, StuckSince: later}, []uuid.UUID{stalled, silent, done}},
		"compensating, or needing an operator": {
			app.Query{States: []saga.State{saga.Compensating, saga.NeedsOperator}, StuckSince: later}, []uuid.UUID{undoing},
		},
		"by SKU":            {app.Query{SKU: "CUP-BONE-01"}, []uuid.UUID{moving, done}},
		"by SKU and state":  {app.Query{SKU: "CUP-BONE-01", States: []saga.State{saga.Running}, StuckSince: later}, []uuid.UUID{moving}},
		"by another SKU":    {app.Query{SKU: "CUP"}, nil},
		"by number":         {app.Query{OrderNumber: "Q-00001234"}, []uuid.UUID{moving, done}},
		"by another number": {app.Query{OrderNumber: "Q-00009999"}, nil},
		"by customer":       {app.Query{Customer: customer}, []uuid.UUID{moving, done}},
		"by another":        {app.Query{Customer: uuid.New()}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			sagas, total, err := b.archive().Search(t.Context(), test.query, app.Page{First: 10})
			if err != nil {
				t.Fatal(err)
			}
			var got, want []string
			for _, s := range sagas {
				got = append(got, s.StartedAt.Format(time.RFC3339)+s.ID)
			}
			for _, id := range test.want {
				want = append(want, b.saga(id.String()).StartedAt.Format(time.RFC3339)+id.String())
			}
			slices.SortFunc(want, func(a, b string) int { return strings.Compare(b, a) })
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
			if total != len(want) {
				t.Errorf("total is %d, want %d", total, len(want))
			}
		})
	}
}

func TestCensus(t *testing.T) {
	b := open(t)
	for _, e := range fulfilled(uuid.New()) {
		b.record(e, start)
	}
	b.record(fact("inventory.stock.reserved", uuid.New(), 1), start)
	b.record(fact("ordering.order.placed", uuid.New(), 1), start.Add(time.Minute))
	b.record(fact("ordering.order.cancelled", uuid.New(), 1), start.Add(time.Minute))
	stalled := uuid.New()
	b.record(fact("inventory.stock.reserved", stalled, 1), start.Add(time.Minute))
	b.record(fact("billing.payment.stalled", stalled, 2), start.Add(time.Minute))
	census, err := b.archive().Census(t.Context(), start.Add(time.Minute))
	if want := (app.Census{Running: 1, Compensating: 1, Stuck: 2}); err != nil || census != want {
		t.Errorf("%+v, %v; want %+v", census, err, want)
	}
}

func TestSearchPages(t *testing.T) {
	b := open(t)
	for i := range 7 {
		b.record(fact("ordering.order.placed", uuid.New(), 1), start.Add(time.Duration(i/3)*time.Second))
	}
	seen := map[string]bool{}
	var after app.Position
	for range 3 {
		sagas, total, err := b.archive().Search(t.Context(), app.Query{}, app.Page{First: 3, After: after})
		if err != nil {
			t.Fatal(err)
		}
		if total != 7 {
			t.Errorf("total is %d, want 7", total)
		}
		for _, s := range sagas {
			if seen[s.ID] {
				t.Errorf("saga %s is on two pages", s.ID)
			}
			seen[s.ID] = true
			after = app.Position{At: s.StartedAt, ID: s.ID}
		}
	}
	if len(seen) != 7 {
		t.Errorf("%d sagas on three pages of 3, want 7", len(seen))
	}
}

func TestFactsInParts(t *testing.T) {
	b := open(t)
	one, two := uuid.New(), uuid.New()
	for _, order := range []uuid.UUID{one, two} {
		for _, e := range fulfilled(order)[:4] {
			b.record(e, start)
		}
	}
	facts, err := b.archive().Facts(t.Context(), []string{one.String(), two.String(), uuid.NewString()}, 1, 2)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"inventory.stock.reserved", "billing.invoice.issued"}
	for _, order := range []uuid.UUID{one, two} {
		var got []string
		for _, f := range facts[order.String()] {
			got = append(got, f.Name)
			if !json.Valid(f.Envelope) || f.CorrelationID != order.String() || f.ID == uuid.Nil {
				t.Errorf("fact %+v is not what was recorded", f)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	}
	if len(facts) != 2 {
		t.Errorf("facts of %d sagas, want 2", len(facts))
	}
	asked := facts[two.String()][1]
	found, err := b.archive().FactsByID(t.Context(), []uuid.UUID{asked.ID, uuid.New()})
	if diff := cmp.Diff([]app.Recorded{asked}, found); diff != "" || err != nil {
		t.Errorf("by id: %v\n%s", err, diff)
	}
}
