package postgres_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"quadrille.dev/platform/event"
	"quadrille.dev/platform/testkit"
)

// One round trip finds out how an order stands, the other changes it and commits.
func TestAFactTakesTwoRoundTripsAndNoMoreStatementsThanItDid(t *testing.T) {
	t.Parallel()
	trips := &testkit.Trips{}
	s := open(t, trips.Count)
	handleTogether(t, s.db, []event.Envelope{about("ordering.order.placed", uuid.New())}, noon) // the first to tell something looks for the epoch
	order := uuid.New()
	got := map[string]testkit.Asked{}
	for _, name := range []string{"ordering.order.placed", "inventory.stock.reserved"} {
		got[name] = trips.During(func() { handleTogether(t, s.db, []event.Envelope{about(name, order)}, noon) })
	}
	want := map[string]testkit.Asked{"ordering.order.placed": {Trips: 2, Statements: 7}, "inventory.stock.reserved": {Trips: 2, Statements: 4}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
