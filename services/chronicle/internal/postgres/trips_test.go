package postgres_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"quadrille.dev/platform/event"
	"quadrille.dev/platform/testkit"
)

// However many facts of however many sagas are recorded together, they are two round trips and the same statements.
func TestFactsThatAreRecordedTogetherTakeTwoRoundTrips(t *testing.T) {
	trips := &testkit.Trips{}
	b := open(t, trips.Count)
	got := map[int]testkit.Asked{}
	for _, orders := range []int{1, 10} {
		var facts []event.Envelope
		for range orders {
			facts = append(facts, fulfilled(uuid.New())...)
		}
		got[orders] = trips.During(func() { b.recordTogether(facts, start) })
	}
	want := map[int]testkit.Asked{1: {Trips: 2, Statements: 8}, 10: {Trips: 2, Statements: 8}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
