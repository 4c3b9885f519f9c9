package chronicle_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"quadrille.dev/platform/event"
	"quadrille.dev/schema/eventtest"
	"quadrille.dev/services/chronicle"
)

func TestObserverHearsEachFactOnce(t *testing.T) {
	order, observer := uuid.New(), chronicle.NewObserver()
	if _, facts := observer.View(order.String()); facts != 0 {
		t.Errorf("%d facts before the first", facts)
	}
	heard := []event.Envelope{
		fact("inventory.stock.reserved", order),
		fact("ordering.order.placed", order),
		fact("billing.invoice.issued", order),
		event.New(t.Context(), event.Fact{
			Name: "pricing.price.changed", Version: 1, Subject: "TEA", Sequence: 1, At: time.Now(),
			Data: eventtest.Examples("pricing.price.changed", 1)[0],
		}),
	}
	for range 2 {
		for _, e := range heard {
			if err := observer.Hear(t.Context(), e, time.Now()); err != nil {
				t.Fatal(err)
			}
		}
	}
	view, facts := observer.View(order.String())
	if facts != 3 {
		t.Errorf("%d facts, want 3", facts)
	}
	if diff := cmp.Diff([]string{"billing.payment.captured", "billing.payment.declined"}, view.WaitingFor); diff != "" {
		t.Error(diff)
	}
}
