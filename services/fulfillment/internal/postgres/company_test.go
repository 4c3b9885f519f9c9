package postgres_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"quadrille.dev/platform/event"
)

// An order that was placed waits for the first that is heard of it: both are one transaction.
func TestAnOrderPlacedAndPaidInOneTransactionIsToBeBooked(t *testing.T) {
	at := time.Date(2026, 3, 1, 13, 0, 0, 0, time.UTC)
	for name, heard := range map[string][]string{
		"placed first": {"ordering.order.placed", "billing.payment.captured"},
		"paid first":   {"billing.payment.captured", "ordering.order.placed"},
	} {
		t.Run(name, func(t *testing.T) {
			db := open(t).db
			order := uuid.New()
			var facts []event.Envelope
			for _, name := range heard {
				facts = append(facts, about(name, order))
			}
			handleTogether(t, db, facts, at)
			got := column(t, db, fmt.Sprintf(`SELECT call || ' ' || status FROM shipments WHERE order_id = '%s' AND opened AND paid`, order))
			if diff := cmp.Diff([]string{"book PENDING"}, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}
