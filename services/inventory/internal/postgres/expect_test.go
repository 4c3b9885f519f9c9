package postgres_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"quadrille.dev/platform/event"
	"quadrille.dev/services/inventory/internal/acl"
	"quadrille.dev/services/inventory/internal/postgres"
	"quadrille.dev/services/inventory/internal/stock"
)

// handleTogether handles facts in one transaction, as the consumer does: after all routes have looked ahead.
func handleTogether(t *testing.T, db *postgres.Database, facts []event.Envelope, at time.Time) {
	t.Helper()
	err := db.InTx(t.Context(), func(tx pgx.Tx) error {
		store := db.Store(tx)
		if err := acl.Routes().Ahead(t.Context(), store, facts); err != nil {
			return err
		}
		for _, fact := range facts {
			if err := acl.Routes().Handle(t.Context(), store, fact, at); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func told(name string, order uuid.UUID, sequence int64, data any) event.Envelope {
	encoded, err := json.Marshal(data)
	if err != nil {
		panic(err)
	}
	return event.New(context.Background(), event.Fact{
		Name: name, Version: 1, Subject: order.String(), Sequence: sequence, CorrelationID: order.String(),
		At: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC), Data: json.RawMessage(encoded),
	})
}

// Orders for the last pieces, shipments that are arranged before and after, payments that come to nothing, and all of it in any order: handled
// together or each by itself, the same is reserved, and the same is said.
func TestFactsThatAreHandledTogetherEndAsEachByItself(t *testing.T) {
	t.Parallel()
	for seed := range uint64(3) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			random := rand.New(rand.NewPCG(seed, 5))
			together, single := open(t), open(t)
			for _, db := range []*postgres.Database{together, single} {
				for i := range 3 {
					receive(t, db, fmt.Sprint("SKU-", i), 12)
				}
				if _, err := published(t.Context(), db); err != nil {
					t.Fatal(err)
				}
			}
			var facts []event.Envelope
			for range 25 {
				order := uuid.New()
				lines := []stock.Line{{SKU: fmt.Sprint("SKU-", random.IntN(4)), Quantity: int64(1 + random.IntN(4))}}
				if other := fmt.Sprint("SKU-", random.IntN(3)); other != lines[0].SKU {
					lines = append(lines, stock.Line{SKU: other, Quantity: 1})
				}
				facts = append(facts, told("ordering.order.placed", order, 1, map[string]any{"orderId": order, "customerId": uuid.New(), "lines": lines}))
				about := map[string]any{"orderId": order}
				switch random.IntN(3) {
				case 0:
					facts = append(facts, told("fulfillment.shipment.arranged", order, 1, about))
				case 1:
					facts = append(facts, told("billing.payment.declined", order, 1, about))
				default:
					facts = append(facts, told("fulfillment.shipment.arranged", order, 1, about), told("billing.payment.refunded", order, 2, about))
				}
			}
			random.Shuffle(len(facts), func(i, j int) { facts[i], facts[j] = facts[j], facts[i] })
			at := time.Date(2026, 3, 1, 13, 0, 0, 0, time.UTC)
			for _, fact := range facts {
				handleTogether(t, single, []event.Envelope{fact}, at)
			}
			for rest := facts; len(rest) > 0; {
				n := min(len(rest), 1+random.IntN(16))
				handleTogether(t, together, rest[:n], at)
				rest = rest[n:]
			}
			for _, query := range []string{
				`SELECT sku || ' ' || on_hand || ' ' || reserved || ' ' || deducted FROM stock ORDER BY sku`,
				`SELECT order_id || ' ' || status || ' ' || version || ' ' || lines::text FROM reservation ORDER BY order_id`,
				`SELECT order_id || ' ' || kind || ' ' || sku || ' ' || quantity FROM movement ORDER BY order_id, kind, sku`,
			} {
				if diff := cmp.Diff(column(t, single, query), column(t, together, query)); diff != "" {
					t.Errorf("%s (-each by itself +together):\n%s", query, diff)
				}
			}
			want, err := published(t.Context(), single)
			if err != nil {
				t.Fatal(err)
			}
			got, err := published(t.Context(), together)
			if diff := cmp.Diff(want, got); err != nil || diff != "" {
				t.Errorf("said (-each by itself +together): %v\n%s", err, diff)
			}
		})
	}
}

func column(t *testing.T, db *postgres.Database, query string) []string {
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
