package reservation_test

import (
	"testing"

	"github.com/google/uuid"

	"quadrille.dev/services/inventory/internal/reservation"
	"quadrille.dev/services/inventory/internal/stock"
)

// A reservation that has forgotten what it told is where it was when that is recalled, though there may be nothing available now.
func TestWhatWasToldIsRecalledAndNotDoneAgain(t *testing.T) {
	lines := []stock.Line{{SKU: "TEA", Quantity: 2}}
	reserved, deducted := reservation.StockReserved{Lines: lines}, reservation.StockDeducted{Lines: lines}
	for want, told := range map[reservation.Status][]reservation.Event{
		reservation.Reserved:   {reserved},
		reservation.Rejected:   {reservation.StockRejected{}},
		reservation.Deducted:   {reserved, deducted},
		reservation.Released:   {reserved, reservation.StockReleased{Lines: lines}},
		reservation.Reinstated: {reserved, deducted, reservation.StockReinstated{Lines: lines}},
	} {
		t.Run(string(want), func(t *testing.T) {
			r := reservation.New(uuid.New())
			for round := range 2 {
				for _, e := range told {
					if events := r.Recall(e); (len(events) == 1) != (round == 0) {
						t.Errorf("round %d: %v", round, events)
					}
				}
			}
			if events := r.Reserve(uuid.New(), lines, nil); len(events) != 0 || r.Status != want {
				t.Errorf("%s, %v", r.Status, events)
			}
		})
	}
}
