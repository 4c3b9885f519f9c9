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
	order := uuid.New()
	got := map[string]testkit.Asked{}
	for _, name := range []string{"ordering.order.placed", "billing.payment.captured", "ordering.order.fulfilled"} {
		got[name] = trips.During(func() { handleTogether(t, s.db, []event.Envelope{about(name, order)}, noon) })
	}
	want := map[string]testkit.Asked{"ordering.order.placed": {Trips: 2, Statements: 6}, "billing.payment.captured": {Trips: 2, Statements: 4}, "ordering.order.fulfilled": {Trips: 2, Statements: 4}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
