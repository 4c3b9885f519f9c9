package system

import (
	"testing"

	"github.com/jackc/pgx/v5"
)

// returned is what the contexts' databases and the outside's ledgers hold of one return.
type returned struct {
	ID, OrderID, State string
	// Refund is what was promised.
	Refund int64
	// Stated tells that an operator has said of a step that it is undone, whatever the context's books have.
	Stated bool
	Saga   string
	// Restock is what became of the goods; empty if inventory was never asked.
	Restock string

	refunded      int64
	refunds, live int
}

// checkReturns fails the test wherever a return has come about in part, and tells each order what is to be given back for its returns.
func (s *System) checkReturns(t testing.TB, orders map[string]*rested) {
	t.Helper()
	returns := s.returns(t)
	of := func(id, where string) *returned {
		if returns[id] == nil {
			t.Errorf("%s knows return %q, which was never requested", where, id)
			returns[id] = &returned{ID: id}
		}
		return returns[id]
	}
	s.pairs(t, "chronicle", `SELECT id, state FROM sagas WHERE kind = 'RETURN'`, func(id, state string) { of(id, "chronicle").Saga = state })
	s.pairs(t, "inventory", `SELECT return_id::text, status FROM restock`, func(id, status string) { of(id, "inventory").Restock = status })
	for _, entry := range s.Charges(t) {
		if entry.ReturnID != "" {
			r := of(entry.ReturnID, "the payment provider's ledger")
			r.refunds++
			r.refunded += entry.Amount
		}
	}
	for _, pickup := range s.Pickups(t) {
		if pickup.Status == "BOOKED" {
			of(pickup.ReturnID, "the carrier's ledger").live++
		}
	}
	for _, r := range returns {
		r.check(t)
		if r.State == "COMPLETED" {
			known(t, orders, r.OrderID, "a return").due += r.Refund
		}
	}
}

func (s *System) returns(t testing.TB) map[string]*returned {
	t.Helper()
	rows, err := s.Database(t, "ordering").Query(t.Context(), `
		SELECT return_id::text, order_id::text, state,
		       max((data #>> '{refund,minorUnits}')::bigint) FILTER (WHERE type = 'requested'),
		       bool_or(type = 'stepCompensated' AND data ->> 'by' = 'OPERATOR')
		FROM returns JOIN return_events USING (return_id) GROUP BY return_id`)
	if err != nil {
		t.Fatalf("read returns: %v", err)
	}
	returns := map[string]*returned{}
	var r returned
	_, err = pgx.ForEachRow(rows, []any{&r.ID, &r.OrderID, &r.State, &r.Refund, &r.Stated}, func() error {
		returns[r.ID] = new(r)
		return nil
	})
	if err != nil {
		t.Fatalf("read returns: %v", err)
	}
	return returns
}

func (r *returned) check(t testing.TB) {
	t.Helper()
	fail := func(invariant string) { t.Errorf("return %s: %s: %+v", r.ID, invariant, *r) }
	if r.refunds > 1 {
		fail("refunded more than once")
	}
	if r.Saga != r.State {
		fail("chronicle tells it otherwise")
	}
	switch r.State {
	case "COMPLETED":
		if r.refunded != r.Refund || r.Restock != "PUT_BACK" || r.live != 1 {
			fail("completed, and not all of it is done")
		}
	case "COMPENSATED":
		if !r.Stated && (r.refunded != 0 || r.Restock == "PUT_BACK" || r.live != 0) {
			fail("compensated, and not all of it is undone")
		}
	default:
		fail("not at rest")
	}
}
