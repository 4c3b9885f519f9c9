package postgres_test

import (
	"context"
	"encoding/json"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"quadrille.dev/platform/event"
	platform "quadrille.dev/platform/postgres"
	"quadrille.dev/platform/testkit"
	"quadrille.dev/schema/eventtest"
	"quadrille.dev/services/ordering/internal/acl"
	"quadrille.dev/services/ordering/internal/app"
	"quadrille.dev/services/ordering/internal/order"
	"quadrille.dev/services/ordering/internal/postgres"
)

// handleTogether handles facts in one transaction, as the inbox does.
func handleTogether(t *testing.T, db *platform.DB, books *postgres.Books, facts ...event.Envelope) {
	t.Helper()
	err := db.InTx(t.Context(), func(tx pgx.Tx) error {
		store, routes := books.Bind(tx), acl.Routes(pace)
		if err := routes.Ahead(t.Context(), store, facts); err != nil {
			return err
		}
		for _, fact := range facts {
			if err := routes.Handle(t.Context(), store, fact, at); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// about is a fact of an order, with its schema's first example as payload.
func about(name string, id order.ID) event.Envelope {
	data := map[string]any{}
	if err := json.Unmarshal(eventtest.Examples(name, 1)[0], &data); err != nil {
		panic(err)
	}
	data["orderId"] = id.String()
	return event.New(context.Background(), event.Fact{
		Name: name, Version: 1, Subject: id.String(), Sequence: 1, CorrelationID: id.String(), At: at, Data: data,
	})
}

// Whatever is heard of orders in whatever order: handled together or each by itself, the same is said of it and kept.
func TestFactsThatAreHandledTogetherEndAsEachByItself(t *testing.T) {
	t.Parallel()
	togetherDB, together := open(t)
	singleDB, single := open(t)
	random := rand.New(rand.NewPCG(3, 3))
	var (
		ids   []order.ID
		facts []event.Envelope
	)
	for range 30 {
		p := placing(newID(), "", newID().UUID)
		for _, books := range []*postgres.Books{together, single} {
			err := books.InTx(t.Context(), func(store app.Store) error {
				_, err := app.Place(t.Context(), store, p, at)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		ids = append(ids, p.ID)
		for _, name := range []string{
			"inventory.stock.deducted", "inventory.stock.rejected", "inventory.stock.released", "inventory.stock.reinstated", "billing.payment.declined",
			"billing.payment.voided", "billing.payment.refunded", "fulfillment.shipment.failed", "fulfillment.shipment.cancelled",
		} {
			if random.IntN(3) > 0 {
				facts = append(facts, about(name, p.ID))
			}
		}
	}
	random.Shuffle(len(facts), func(i, j int) { facts[i], facts[j] = facts[j], facts[i] })
	for rest := facts; len(rest) > 0; {
		n := min(1+random.IntN(10), len(rest))
		handleTogether(t, togetherDB, together, rest[:n]...)
		for _, fact := range rest[:n] {
			err := single.InTx(t.Context(), func(store app.Store) error { return acl.Routes(pace).Handle(t.Context(), store, fact, at) })
			if err != nil {
				t.Fatal(err)
			}
		}
		rest = rest[n:]
	}
	kept := func(books *postgres.Books) []order.Order {
		orders, err := books.Orders(t.Context(), ids)
		if err != nil {
			t.Fatal(err)
		}
		return orders
	}
	said := func(db *platform.DB) []event.Envelope {
		facts, err := drain(t.Context(), db)
		if err != nil {
			t.Fatal(err)
		}
		return facts
	}
	if diff := cmp.Diff(kept(single), kept(together)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(said(singleDB), said(togetherDB)); diff != "" {
		t.Error(diff)
	}
}

// One round trip finds out how an order stands, the other changes it and commits.
func TestAFactTakesTwoRoundTrips(t *testing.T) {
	t.Parallel()
	trips := &testkit.Trips{}
	db, books := open(t, trips.Count)
	var ids []order.ID
	for range 2 {
		p := placing(newID(), "", newID().UUID)
		err := books.InTx(t.Context(), func(store app.Store) error {
			_, err := app.Place(t.Context(), store, p, at)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, p.ID)
	}
	got := trips.During(func() {
		handleTogether(t, db, books, about("inventory.stock.deducted", ids[0]), about("inventory.stock.deducted", ids[1]))
	})
	if got.Trips != 2 {
		t.Errorf("%d round trips", got.Trips)
	}
}
