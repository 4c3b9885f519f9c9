package postgres_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"

	"quadrille.dev/platform/event"
	"quadrille.dev/platform/inbox"
	"quadrille.dev/platform/outbox"
	platform "quadrille.dev/platform/postgres"
	"quadrille.dev/platform/testkit"
	"quadrille.dev/services/inventory/internal/acl"
	"quadrille.dev/services/inventory/internal/app"
	"quadrille.dev/services/inventory/internal/app/storetest"
	"quadrille.dev/services/inventory/internal/postgres"
	"quadrille.dev/services/inventory/internal/stock"
	"quadrille.dev/services/inventory/migrations"
)

func open(t *testing.T) *postgres.Database {
	t.Helper()
	db, err := platform.Open(t.Context(), testkit.Postgres(t), "inventory")
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
	if err := db.Migrate(t.Context(), "inventory", migrations.FS); err != nil {
		t.Fatal(err)
	}
	return &postgres.Database{DB: db, Language: acl.Published{}}
}

func published(ctx context.Context, db *postgres.Database) ([]event.Envelope, error) {
	rows, err := db.Query(ctx, `
		WITH taken AS (DELETE FROM outbox RETURNING position, envelope) SELECT envelope FROM taken ORDER BY position`)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (event.Envelope, error) {
		var body []byte
		if err := row.Scan(&body); err != nil {
			return event.Envelope{}, err
		}
		return event.Decode(body)
	})
}

func TestStore(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T) storetest.Do {
		db := open(t)
		return func(use func(store app.Store) error) ([]event.Envelope, error) {
			if err := db.Use(t.Context(), use); err != nil {
				return nil, err
			}
			return published(t.Context(), db)
		}
	})
}

func receive(t *testing.T, db *postgres.Database, sku string, quantity int64) {
	t.Helper()
	if err := db.Use(t.Context(), func(store app.Store) error {
		_, err := app.Receive(t.Context(), store, app.Delivery{SKU: sku, Quantity: quantity, Reference: "opening stock"}, time.Now())
		return err
	}); err != nil {
		t.Fatal(err)
	}
}

func count(t *testing.T, db *postgres.Database, query string, arguments ...any) (n int64) {
	t.Helper()
	if err := db.QueryRow(t.Context(), query, arguments...).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestManyOrdersForTheLastItem(t *testing.T) {
	t.Parallel()
	db := open(t)
	receive(t, db, "CUP", 1)
	var orders errgroup.Group
	for range 60 {
		orders.Go(func() error {
			order := app.Order{ID: uuid.New(), CustomerID: uuid.New(), Lines: []stock.Line{{SKU: "CUP", Quantity: 1}}}
			return db.Use(t.Context(), func(store app.Store) error { return app.Reserve(t.Context(), store, order, time.Now()) })
		})
	}
	if err := orders.Wait(); err != nil {
		t.Fatal(err)
	}
	reserved := count(t, db, `SELECT count(*) FROM reservation WHERE status = 'RESERVED'`)
	rejected := count(t, db, `SELECT count(*) FROM reservation WHERE status = 'REJECTED'`)
	if held := count(t, db, `SELECT reserved FROM stock WHERE sku = 'CUP'`); reserved != 1 || rejected != 59 || held != 1 {
		t.Errorf("%d orders reserved, %d rejected, %d held; want 1, 59, 1", reserved, rejected, held)
	}
}

// Orders of the same SKUs in any order of their lines, in all stages at once: no deadlock, and nothing lost.
func TestOrdersInAllStagesAtOnce(t *testing.T) {
	t.Parallel()
	db := open(t)
	skus := make([]string, 12)
	for i := range skus {
		skus[i] = fmt.Sprintf("SKU-%d", i)
		receive(t, db, skus[i], 40)
	}
	var orders errgroup.Group
	orders.SetLimit(12)
	for n := range 120 {
		orders.Go(func() error {
			order := app.Order{ID: uuid.New(), CustomerID: uuid.New()}
			for _, i := range rand.New(rand.NewPCG(uint64(n), 1)).Perm(len(skus))[:8] {
				order.Lines = append(order.Lines, stock.Line{SKU: skus[i], Quantity: 1})
			}
			for _, use := range []func(app.Store) error{
				func(store app.Store) error { return app.Reserve(t.Context(), store, order, time.Now()) },
				func(store app.Store) error { return app.Deduct(t.Context(), store, order.ID, time.Now()) },
				func(store app.Store) error { return app.Release(t.Context(), store, order.ID, time.Now()) },
			}[:1+n%3] {
				if err := pgx.BeginFunc(t.Context(), db, func(tx pgx.Tx) error { return use(db.Store(tx)) }); err != nil {
					return fmt.Errorf("order %d: %w", n, err)
				}
			}
			return nil
		})
	}
	if err := orders.Wait(); err != nil {
		t.Fatal(err)
	}
	for movement, counter := range map[string]string{
		"RESERVED": "reserved + deducted", "DEDUCTED": "deducted",
	} {
		back := map[string]string{"RESERVED": "RELEASED", "DEDUCTED": "REINSTATED"}[movement]
		moved := count(t, db, `
			SELECT coalesce(sum(quantity) FILTER (WHERE kind = $1), 0)
				- coalesce(sum(quantity) FILTER (WHERE kind IN ($2, 'REINSTATED')), 0)
			FROM movement`, movement, back)
		if counted := count(t, db, `SELECT sum(`+counter+`) FROM stock`); counted != moved {
			t.Errorf("%s: counted %d, ledger says %d", counter, counted, moved)
		}
	}
	if held := count(t, db, `SELECT count(*) FROM reservation WHERE status = 'REINSTATED'`); held == 0 {
		t.Error("no order went through all stages")
	}
}

func TestSameDeliveryAtOnceIsBookedOnce(t *testing.T) {
	t.Parallel()
	db := open(t)
	var deliveries errgroup.Group
	for range 20 {
		deliveries.Go(func() error {
			return db.Use(t.Context(), func(store app.Store) error {
				_, err := app.Receive(t.Context(), store, app.Delivery{SKU: "CUP", Quantity: 5, Reference: "note 1"}, time.Now())
				return err
			})
		})
	}
	if err := deliveries.Wait(); err != nil {
		t.Fatal(err)
	}
	facts, err := published(t.Context(), db)
	if onHand := count(t, db, `SELECT on_hand FROM stock`); err != nil || onHand != 5 || len(facts) != 1 {
		t.Errorf("on hand %d, %d facts, %v; want 5 and 1", onHand, len(facts), err)
	}
}

func TestLedgerShowsBothDirections(t *testing.T) {
	t.Parallel()
	db := open(t)
	receive(t, db, "CUP", 5)
	at, order := time.Now(), app.Order{ID: uuid.New(), CustomerID: uuid.New(), Lines: []stock.Line{{SKU: "CUP", Quantity: 2}}}
	returned := app.Asked{ReturnID: uuid.New(), OrderID: order.ID, Lines: []stock.Line{{SKU: "CUP", Quantity: 1}}, Asker: "ordering.replies"}
	another := returned
	another.ReturnID = uuid.New()
	for _, use := range []func(app.Store) error{
		func(store app.Store) error { return app.Reserve(t.Context(), store, order, at) },
		func(store app.Store) error { return app.Deduct(t.Context(), store, order.ID, at.Add(time.Second)) },
		func(store app.Store) error { return app.Restock(t.Context(), store, returned, at.Add(time.Minute)) },
		func(store app.Store) error { return app.Withdraw(t.Context(), store, returned, at.Add(time.Hour)) },
		func(store app.Store) error { return app.Restock(t.Context(), store, another, at.Add(2*time.Hour)) },
		func(store app.Store) error { return app.Release(t.Context(), store, order.ID, at.Add(24*time.Hour)) },
	} {
		if err := db.Use(t.Context(), use); err != nil {
			t.Fatal(err)
		}
	}
	rows, err := db.Query(t.Context(), `
		SELECT kind || ' ' || quantity || ' ' || sku FROM movement WHERE order_id = $1 ORDER BY moved_at`, order.ID)
	if err != nil {
		t.Fatal(err)
	}
	ledger, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if diff := cmp.Diff([]string{
		"RESERVED 2 CUP", "DEDUCTED 2 CUP", "RETURNED 1 CUP", "WITHDRAWN 1 CUP", "RETURNED 1 CUP", "REINSTATED 1 CUP",
	}, ledger); err != nil || diff != "" {
		t.Errorf("%v, ledger (-want +got):\n%s", err, diff)
	}
}

func TestDatabaseRefusesWhatCannotBe(t *testing.T) {
	t.Parallel()
	db := open(t)
	receive(t, db, "CUP", 5)
	for _, impossible := range []string{
		`UPDATE stock SET reserved = 6`, `UPDATE stock SET reserved = -1`, `UPDATE stock SET on_hand = 4`,
		`UPDATE stock SET on_hand = 6, deducted = -1`,
		`INSERT INTO movement (order_id, kind, sku, quantity, moved_at) VALUES (gen_random_uuid(), 'RETURNED', 'CUP', 1, now())`,
	} {
		if _, err := db.Exec(t.Context(), impossible); err == nil {
			t.Errorf("%s was accepted", impossible)
		}
	}
}
