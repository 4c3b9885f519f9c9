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
func TestAnOrderPlacedAndReservedInOneTransactionIsToBeCharged(t *testing.T) {
	at := time.Date(2026, 3, 1, 13, 0, 0, 0, time.UTC)
	for name, heard := range map[string][]string{
		"placed first":   {"ordering.order.placed", "inventory.stock.reserved"},
		"reserved first": {"inventory.stock.reserved", "ordering.order.placed"},
	} {
		t.Run(name, func(t *testing.T) {
			db := open(t).db
			order := uuid.New()
			var facts []event.Envelope
			for _, name := range heard {
				facts = append(facts, about(name, order))
			}
			handleTogether(t, db, facts, at)
			got := append(
				column(t, db, fmt.Sprintf(`SELECT call || ' ' || payment || ' ' || invoice FROM accounts WHERE order_id = '%s' AND opened AND reserved`, order)),
				column(t, db, `SELECT type FROM outbox ORDER BY position`)...)
			if diff := cmp.Diff([]string{"charge PENDING ISSUED", "quadrille.billing.invoice.issued"}, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}
