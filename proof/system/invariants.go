package system

import (
	"context"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// rested is what the contexts' databases and the outside's ledgers hold of one order.
type rested struct {
	ID          string
	Fulfilled   bool
	Cancelled   bool
	Settled     bool
	Total       int64
	Reservation string
	Payment     string
	Shipment    string
	Saga        string

	charges, charged, refunded int64
	live                       int
	// due is what is to be given back for returns that came about.
	due int64
}

// AwaitRest waits until the saga of every order and every return is over. The test fails when that takes longer than patience.
func (s *System) AwaitRest(t testing.TB, patience time.Duration) {
	t.Helper()
	ordering, chronicle := s.Database(t, "ordering"), s.Database(t, "chronicle")
	Await(t, patience, "every order and every return is at rest", func(context.Context) (counts [2]int, enough bool, err error) {
		begun := count(t, ordering, `SELECT (SELECT count(DISTINCT order_id) FROM order_events) + (SELECT count(*) FROM returns)`)
		over := count(t, chronicle, `SELECT count(*) FROM sagas WHERE kind IN ('ORDER', 'RETURN') AND state IN ('COMPLETED', 'COMPENSATED')`)
		return [2]int{over, begun}, over == begun, nil
	})
}

func count(t testing.TB, conn *pgx.Conn, query string) (n int) {
	t.Helper()
	if err := conn.QueryRow(t.Context(), query).Scan(&n); err != nil {
		t.Fatalf("count: %v", err)
	}
	return n
}

// CheckInvariants reads the databases themselves, and the ledgers of payment provider and carrier, and fails the test wherever the
// invariants of the order saga do not hold at rest. It answers how many orders it has seen.
func (s *System) CheckInvariants(t testing.TB) int {
	t.Helper()
	orders := s.orders(t)
	s.column(t, "inventory", `SELECT order_id::text, status FROM reservation`, orders, func(o *rested, status string) { o.Reservation = status })
	s.column(t, "billing", `SELECT order_id::text, payment FROM accounts`, orders, func(o *rested, status string) { o.Payment = status })
	s.column(t, "fulfillment", `SELECT order_id::text, status FROM shipments`, orders, func(o *rested, status string) { o.Shipment = status })
	s.column(t, "chronicle", `SELECT id, state FROM sagas WHERE kind = 'ORDER'`, orders, func(o *rested, state string) { o.Saga = state })
	for _, charge := range s.Charges(t) {
		order := known(t, orders, charge.OrderID, "the payment provider's ledger")
		if charge.Kind == "refund" {
			order.refunded += charge.Amount
			continue
		}
		order.charges++
		order.charged += charge.Amount
	}
	for _, booking := range s.Bookings(t) {
		if booking.Status != "CANCELLED" {
			known(t, orders, booking.OrderID, "the carrier's ledger").live++
		}
	}
	s.checkReturns(t, orders)
	for _, order := range orders {
		order.check(t)
	}
	s.checkStock(t)
	return len(orders)
}

func known(t testing.TB, orders map[string]*rested, id, where string) *rested {
	t.Helper()
	if orders[id] == nil {
		t.Errorf("%s knows order %q, which was never placed", where, id)
		orders[id] = &rested{ID: id}
	}
	return orders[id]
}

func (s *System) orders(t testing.TB) map[string]*rested {
	t.Helper()
	rows, err := s.Database(t, "ordering").Query(t.Context(), `
		SELECT order_id::text,
		       bool_or(type = 'fulfilled'), bool_or(type = 'cancelled'), bool_or(type = 'settled'),
		       max((data #>> '{total,minorUnits}')::bigint) FILTER (WHERE type = 'placed')
		FROM order_events GROUP BY order_id`)
	if err != nil {
		t.Fatalf("read orders: %v", err)
	}
	orders := map[string]*rested{}
	var o rested
	_, err = pgx.ForEachRow(rows, []any{&o.ID, &o.Fulfilled, &o.Cancelled, &o.Settled, &o.Total}, func() error {
		orders[o.ID] = new(o)
		return nil
	})
	if err != nil {
		t.Fatalf("read orders: %v", err)
	}
	return orders
}

// column reads pairs of order id and text.
func (s *System) column(t testing.TB, database, query string, orders map[string]*rested, set func(*rested, string)) {
	t.Helper()
	s.pairs(t, database, query, func(id, value string) { set(known(t, orders, id, database), value) })
}

// pairs reads pairs of id and text.
func (s *System) pairs(t testing.TB, database, query string, each func(id, value string)) {
	t.Helper()
	rows, err := s.Database(t, database).Query(t.Context(), query)
	if err != nil {
		t.Fatalf("read %s: %v", database, err)
	}
	var id, value string
	_, err = pgx.ForEachRow(rows, []any{&id, &value}, func() error {
		each(id, value)
		return nil
	})
	if err != nil {
		t.Fatalf("read %s: %v", database, err)
	}
}

// terminal are the statuses by which a context has ended a cancelled order.
var terminal = map[string]map[string]bool{
	"payment":     {"VOIDED": true, "REFUNDED": true, "DECLINED": true},
	"shipment":    {"CANCELLED": true, "FAILED": true},
	"reservation": {"REJECTED": true, "RELEASED": true, "REINSTATED": true},
}

func (o *rested) check(t testing.TB) {
	t.Helper()
	fail := func(invariant string) { t.Errorf("order %s: %s: %+v", o.ID, invariant, *o) }
	if o.charges > 1 {
		fail("charged more than once")
	}
	switch {
	case o.Fulfilled && o.Cancelled:
		fail("both fulfilled and cancelled")
	case o.Fulfilled:
		if o.charged-o.refunded != o.Total-o.due {
			fail("fulfilled, and not paid exactly once, less what came back")
		}
		if o.live != 1 {
			fail("fulfilled, without one live shipment")
		}
		if o.Reservation != "DEDUCTED" || o.Payment != "CAPTURED" || (o.Shipment != "DISPATCHED" && o.Shipment != "DELIVERED") || o.Saga != "COMPLETED" {
			fail("fulfilled, and not at rest")
		}
	case o.Cancelled:
		if o.charged != o.refunded {
			fail("cancelled, and money was kept")
		}
		if o.live != 0 {
			fail("cancelled, and a shipment is on its way")
		}
		if !terminal["payment"][o.Payment] || !terminal["shipment"][o.Shipment] || !terminal["reservation"][o.Reservation] ||
			!o.Settled || o.Saga != "COMPENSATED" {
			fail("cancelled, and not at rest")
		}
	default:
		fail("not decided")
	}
}

// checkStock holds the stock against itself and against its movements.
func (s *System) checkStock(t testing.TB) {
	t.Helper()
	rows, err := s.Database(t, "inventory").Query(t.Context(), `
		WITH moved AS (
			SELECT sku,
			       sum(CASE kind WHEN 'RESERVED' THEN quantity WHEN 'RELEASED' THEN -quantity WHEN 'DEDUCTED' THEN -quantity ELSE 0 END) AS reserved,
			       sum(CASE WHEN kind IN ('DEDUCTED', 'WITHDRAWN') THEN quantity WHEN kind IN ('REINSTATED', 'RETURNED') THEN -quantity ELSE 0 END) AS deducted
			FROM movement GROUP BY sku)
		SELECT sku FROM stock LEFT JOIN moved USING (sku)
		WHERE stock.reserved <> 0 OR on_hand < 0 OR on_hand + stock.deducted <> received
		   OR stock.reserved <> coalesce(moved.reserved, 0) OR stock.deducted <> coalesce(moved.deducted, 0)`)
	if err != nil {
		t.Fatalf("read stock: %v", err)
	}
	skus, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatalf("read stock: %v", err)
	}
	if len(skus) > 0 {
		t.Errorf("stock does not add up, or is still held, for %v", skus)
	}
}
