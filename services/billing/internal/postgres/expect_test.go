package postgres_test

import (
	"context"
	"encoding/json"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"quadrille.dev/platform/event"
	"quadrille.dev/platform/postgres"
	"quadrille.dev/schema/eventtest"
	"quadrille.dev/services/billing/internal/acl"
	store "quadrille.dev/services/billing/internal/postgres"
)

// handleTogether handles facts in one transaction, as the consumer does: after all routes have looked ahead.
func handleTogether(t *testing.T, db *postgres.DB, facts []event.Envelope, at time.Time) {
	t.Helper()
	err := db.InTx(t.Context(), func(tx pgx.Tx) error {
		kept := store.New(tx, acl.Publisher, store.Wake{Account: func() {}, Refund: func() {}, Party: func() {}})
		if err := acl.Routes().Ahead(t.Context(), kept, facts); err != nil {
			return err
		}
		for _, fact := range facts {
			if err := acl.Routes().Handle(t.Context(), kept, fact, at); err != nil {
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
func about(name string, order uuid.UUID) event.Envelope {
	data := map[string]any{}
	if err := json.Unmarshal(eventtest.Examples(name, 1)[0], &data); err != nil {
		panic(err)
	}
	data["orderId"] = order.String()
	return event.New(context.Background(), event.Fact{
		Name: name, Version: 1, Subject: order.String(), Sequence: 1, CorrelationID: order.String(),
		At: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC), Data: data,
	})
}

// Whatever is heard of orders in whatever order: handled together or each by itself, it leads to the same, and the same is said.
func TestFactsThatAreHandledTogetherEndAsEachByItself(t *testing.T) {
	together, single := open(t), open(t)
	random := rand.New(rand.NewPCG(3, 3))
	var facts []event.Envelope
	for range 30 {
		order := uuid.New()
		for _, name := range []string{"ordering.order.placed", "inventory.stock.reserved", "ordering.order.cancelled", "fulfillment.shipment.failed"} {
			if random.IntN(3) > 0 {
				facts = append(facts, about(name, order))
			}
		}
	}
	random.Shuffle(len(facts), func(i, j int) { facts[i], facts[j] = facts[j], facts[i] })
	at := time.Date(2026, 3, 1, 13, 0, 0, 123_456_789, time.UTC)
	for _, fact := range facts {
		handleTogether(t, single.db, []event.Envelope{fact}, at)
	}
	for rest := slices.Clone(facts); len(rest) > 0; {
		n := min(len(rest), 1+random.IntN(16))
		handleTogether(t, together.db, rest[:n], at)
		rest = rest[n:]
	}
	for _, query := range []string{
		`SELECT to_json(accounts)::text FROM accounts ORDER BY order_id`,
		`SELECT convert_from(envelope, 'UTF8') FROM outbox ORDER BY position`,
	} {
		if diff := cmp.Diff(column(t, single.db, query), column(t, together.db, query)); diff != "" {
			t.Errorf("%s (-each by itself +together):\n%s", query, diff)
		}
	}
}

func column(t *testing.T, db *postgres.DB, query string) []string {
	t.Helper()
	rows, err := db.Query(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	return all
}
