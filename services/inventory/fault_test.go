package inventory_test

import (
	"slices"
	"testing"

	"quadrille.dev/services/inventory"
)

// hears delivers facts about an order of two cups, of which there are as many, and answers the names of those that follow.
func hears(t *testing.T, facts ...string) (said []string, cup inventory.Count) {
	t.Helper()
	participant := inventory.Participant(map[string]int64{"CUP": 2, "JUG": 1})
	for i, name := range facts {
		published, err := participant.Deliver(t.Context(), fact(name, int64(i+1)), at)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range published {
			said = append(said, p.Name())
		}
	}
	return said, inventory.Look(participant, "CUP")
}

func TestACompensationBeforeItsActionIsRememberedAndNothingIsReservedLater(t *testing.T) {
	for _, compensation := range []string{"billing.payment.voided", "billing.payment.refunded", "billing.payment.declined"} {
		said, cup := hears(t, compensation, "ordering.order.placed", "fulfillment.shipment.arranged")
		if !slices.Equal(said, []string{"inventory.stock.released"}) || cup.Reserved != 0 || cup.OnHand != 2 {
			t.Errorf("%s first: said %v, %+v", compensation, said, cup)
		}
	}
}

func TestSuccessAfterCancelTakesNothing(t *testing.T) {
	said, cup := hears(t, "ordering.order.placed", "billing.payment.refunded", "fulfillment.shipment.arranged")
	if !slices.Equal(said, []string{"inventory.stock.reserved", "inventory.stock.released"}) || cup.OnHand != 2 || cup.Deducted != 0 {
		t.Errorf("said %v, %+v", said, cup)
	}
}

func TestAFactForAFinishedOrderChangesNothing(t *testing.T) {
	finished := []string{"ordering.order.placed", "fulfillment.shipment.arranged", "billing.payment.refunded"}
	before, cupBefore := hears(t, finished...)
	after, cupAfter := hears(t, slices.Concat(finished, orderFacts())...)
	if !slices.Equal(before, after) || cupBefore != cupAfter {
		t.Errorf("said %v, then %v; %+v, then %+v", before, after, cupBefore, cupAfter)
	}
}
