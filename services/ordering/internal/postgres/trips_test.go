package postgres_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"quadrille.dev/platform/testkit"
	"quadrille.dev/services/ordering/internal/app"
)

// One round trip looks whether the order was placed before and what is known of the products, and two are the transaction.
func TestPlacingAnOrderTakesThreeRoundTrips(t *testing.T) {
	t.Parallel()
	trips := &testkit.Trips{}
	_, books := open(t, trips.Count)
	place := func() {
		p := placing(newID(), "", uuid.New())
		_, answered, _, err := app.Again(t.Context(), books, p.Request, at, p.Placement.CustomerID, []string{"CUP"})
		if err != nil || answered {
			t.Fatalf("answered %t, %v", answered, err)
		}
		err = books.InTx(t.Context(), func(store app.Store) error {
			_, err := app.Place(t.Context(), store, p, at)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	place() // the first to tell something looks for the epoch
	if diff := cmp.Diff(testkit.Asked{Trips: 3, Statements: 14}, trips.During(place)); diff != "" {
		t.Error(diff)
	}
}
