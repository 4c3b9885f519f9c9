package postgres_test

import (
	"context"
	"encoding/json"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"quadrille.dev/platform/event"
	"quadrille.dev/platform/inbox"
	"quadrille.dev/platform/outbox"
	"quadrille.dev/platform/postgres"
	"quadrille.dev/platform/testkit"
	"quadrille.dev/services/fulfillment/internal/acl"
	"quadrille.dev/services/fulfillment/internal/app"
	"quadrille.dev/services/fulfillment/internal/app/storetest"
	store "quadrille.dev/services/fulfillment/internal/postgres"
	"quadrille.dev/services/fulfillment/internal/shipment"
	"quadrille.dev/services/fulfillment/migrations"
)

type subject struct {
	t        *testing.T
	db       *postgres.DB
	intended atomic.Int64
}

func open(t *testing.T, options ...postgres.Option) *subject {
	db, err := postgres.Open(t.Context(), testkit.Postgres(t), "test", options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	if err := db.Migrate(t.Context(), "outbox", outbox.Migrations()); err != nil {
		t.Fatal(err)
	}
	if err := db.Migrate(t.Context(), "inbox", inbox.Migrations()); err != nil {
		t.Fatal(err)
	}
	if err := db.Migrate(t.Context(), "fulfillment", migrations.FS); err != nil {
		t.Fatal(err)
	}
	return &subject{t: t, db: db}
}

func (s *subject) Do(f func(app.Store) error) error {
	return s.db.InTx(s.t.Context(), func(tx pgx.Tx) error {
		return f(store.New(tx, acl.Language(), store.Intended{
			Shipment: func() { s.intended.Add(1) }, Pickup: func() { s.intended.Add(1) },
		}))
	})
}

func (s *subject) Published() []event.Envelope {
	rows, err := s.db.Query(s.t.Context(), `DELETE FROM outbox RETURNING envelope`)
	if err != nil {
		s.t.Fatal(err)
	}
	bodies, err := pgx.CollectRows(rows, pgx.RowTo[json.RawMessage])
	if err != nil {
		s.t.Fatal(err)
	}
	var published []event.Envelope
	for _, body := range bodies {
		fact, err := event.Decode(body)
		if err != nil {
			s.t.Fatal(err)
		}
		published = append(published, fact)
	}
	slices.SortFunc(published, func(x, y event.Envelope) int { return int(x.Sequence - y.Sequence) })
	return published
}

func TestStore(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T) storetest.Subject {
		t.Parallel()
		return open(t)
	})
}

var (
	noon     = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	placed   = shipment.Order{Address: shipment.Address{Name: "Ada", PostalCode: "SW1Y 4JH", CountryCode: "GB"}}
	customer = shipment.CustomerID{UUID: uuid.MustParse("01996f1e-0b7d-7a33-b1c9-5e4f2a6d8c11")}
)

func place(id string) shipment.Order {
	order := placed
	order.ID, order.Customer = shipment.OrderID{UUID: uuid.MustParse(id)}, customer
	return order
}

func TestCallsAreAnnouncedWhenTheyAreIntendedOnly(t *testing.T) {
	t.Parallel()
	s, order := open(t), place("01996f3a-5c10-7c2e-9a41-3b8e2f6d1a01")
	for _, step := range []struct {
		name string
		do   func(context.Context, app.Store) error
		want int64
	}{
		{"open", func(ctx context.Context, s app.Store) error { return app.Open(ctx, s, order, noon) }, 0},
		{"book", func(ctx context.Context, s app.Store) error { return app.Book(ctx, s, order.ID, noon) }, 1},
		{"take", func(ctx context.Context, s app.Store) error {
			_, err := app.Take(ctx, s, app.First, noon, 1)
			return err
		}, 1},
	} {
		if err := s.Do(func(store app.Store) error { return step.do(t.Context(), store) }); err != nil {
			t.Fatal(err)
		}
		if got := s.intended.Load(); got != step.want {
			t.Errorf("after %s: announced %d times, want %d", step.name, got, step.want)
		}
	}
}

// Two workers at once never take the same call, and do not wait for each other.
func TestDuePassesOverWhatIsLocked(t *testing.T) {
	t.Parallel()
	s := open(t)
	for _, id := range []string{"01996f3a-5c10-7c2e-9a41-3b8e2f6d1a01", "01996f3a-5c10-7c2e-9a41-3b8e2f6d1a02"} {
		err := s.Do(func(store app.Store) error {
			order := place(id)
			if err := app.Open(t.Context(), store, order, noon); err != nil {
				return err
			}
			return app.Book(t.Context(), store, order.ID, noon)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	err := s.Do(func(one app.Store) error {
		first, err := app.Take(t.Context(), one, app.First, noon, 1)
		if err != nil {
			return err
		}
		return s.Do(func(other app.Store) error {
			second, err := app.Take(t.Context(), other, app.First, noon, 9)
			if len(first) != 1 || len(second) != 1 || first[0].Order == second[0].Order {
				t.Errorf("one took %v, the other %v", first, second)
			}
			return err
		})
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestReaderAnswersWhatWasOpened(t *testing.T) {
	t.Parallel()
	s := open(t)
	opened, unknown := place("01996f3a-5c10-7c2e-9a41-3b8e2f6d1a01"), place("01996f3a-5c10-7c2e-9a41-3b8e2f6d1a02")
	err := s.Do(func(store app.Store) error {
		if err := app.Cancel(t.Context(), store, unknown.ID, noon); err != nil {
			return err
		}
		return app.Open(t.Context(), store, opened, noon)
	})
	if err != nil {
		t.Fatal(err)
	}
	found, err := store.Reader{Pool: s.db.Pool}.Opened(t.Context(), []shipment.OrderID{unknown.ID, opened.ID})
	if err != nil || len(found) != 1 || found[0].Order != opened.ID || found[0].Customer != customer {
		t.Errorf("%+v, %v", found, err)
	}
}

// A call that a worker waits for is stored as taken, and is the one that another worker would have found; no more than it waits for.
func TestCallsAreGivenToAWorkerThatWaits(t *testing.T) {
	t.Parallel()
	s := open(t)
	cause := event.New(t.Context(), event.Fact{Name: "a.b.c", Version: 1, Subject: "s", Sequence: 1, CorrelationID: "o"})
	ctx := event.CausedBy(t.Context(), cause)
	first, second := place("01996f3a-5c10-7c2e-9a41-3b8e2f6d1a01"), place("01996f3a-5c10-7c2e-9a41-3b8e2f6d1a02")
	var given []app.Call
	err := s.db.InTx(ctx, func(tx pgx.Tx) error {
		kept := store.New(tx, acl.Language(), store.Intended{
			Shipment: func() { s.intended.Add(1) }, Idle: func() int { return 1 }, Give: func(call app.Call) { given = append(given, call) },
		})
		for _, order := range []shipment.Order{first, second} {
			if err := app.Open(ctx, kept, order, noon); err != nil {
				return err
			}
			if err := app.Book(ctx, kept, order.ID, noon); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(given) != 1 || s.intended.Load() != 1 {
		t.Fatalf("%d given, %d announced", len(given), s.intended.Load())
	}
	for _, lane := range []struct {
		lane app.Lane
		at   time.Time
		want app.Call
	}{
		{app.First, noon, app.Call{Order: second.ID, Attempt: 1}},
		{app.Again, noon, app.Call{}},
		{app.Again, noon.Add(shipment.Lease), app.Call{Order: first.ID, Attempt: 2}},
	} {
		err := s.Do(func(kept app.Store) error {
			found, err := app.Take(t.Context(), kept, lane.lane, lane.at, 1)
			switch {
			case len(found) == 0:
				found = []app.Call{{}}
			case lane.want.Order == first.ID:
				given[0].Attempt++
				if diff := cmp.Diff(given[0], found[0]); diff != "" {
					t.Errorf("given and found again (-given +found):\n%s", diff)
				}
			}
			if found[0].Order != lane.want.Order || found[0].Attempt != lane.want.Attempt {
				t.Errorf("found %+v", found)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}
