package explore

import "quadrille.dev/proof/explore/search"

// atRest holds of each order that was placed, when nothing is left to happen to it.
var atRest = []invariant{
	{"rest-undecided", func(t *tally) string {
		return when(t.status != "FULFILLED" && t.status != "CANCELLED", "still %s", t.status)
	}},
	{"rest-unsettled", func(t *tally) string {
		return when(t.status == "CANCELLED" && !(t.settled && t.said.has(orderSettled)), "cancelled, and never settled")
	}},
	{"rest-ends", func(t *tally) string {
		ended := t.said.has(paymentEnds) && t.said.has(shipmentEnds) && t.said.has(stockEnds)
		return when(t.status == "CANCELLED" && !ended, "cancelled, and somebody has not said how it ended for them")
	}},
	{"rest-money", func(t *tally) string {
		kept := t.charges - t.refunds
		return when(t.status == "FULFILLED" && kept != 1 || t.status == "CANCELLED" && kept != 0,
			"%s, charged %d times and refunded %d times", t.status, t.charges, t.refunds)
	}},
	{"rest-goods", func(t *tally) string {
		gone, back := t.held == "DEDUCTED", t.held == "REJECTED" || t.held == "RELEASED" || t.held == "REINSTATED"
		return when(t.status == "FULFILLED" && !gone || t.status == "CANCELLED" && !back, "%s, and its goods are %s", t.status, t.held)
	}},
	{"rest-parcel", func(t *tally) string {
		live := t.bookings - t.cancellations
		there := t.handovers == 1 && t.said.has(shipmentDelivered)
		return when(t.status == "FULFILLED" && !(live == 1 && there) || t.status == "CANCELLED" && live != 0,
			"%s, with %d live bookings and %d parcels handed over", t.status, live, t.handovers)
	}},
	{"rest-invoice", func(t *tally) string {
		issued, voided := t.said.has(invoiceIssued), t.said.has(invoiceVoided)
		return when(t.status == "FULFILLED" && !(issued && !voided) || t.status == "CANCELLED" && issued != voided,
			"%s, with an invoice: %t, voided: %t", t.status, issued, voided)
	}},
}

// Rested holds a world at rest against what has to be true then.
func (s *stage) Rested(w *world) error {
	for i := range s.count(w) {
		t := &s.tallies[i]
		if t.status == "" && t.erased {
			continue // whoever is erased cannot order
		}
		for _, invariant := range atRest {
			if wrong := invariant.wrong(t); wrong != "" {
				return &search.Breach{Invariant: invariant.name, Detail: "order " + letters(i) + ": " + wrong}
			}
		}
	}
	return nil
}
