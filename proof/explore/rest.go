package explore

import (
	"fmt"

	"quadrille.dev/proof/explore/search"
)

// ending is something that has to be true of an order that was fulfilled, or cancelled, when nothing is left to happen to it.
type ending struct {
	name                 string
	fulfilled, cancelled func(t *tally) bool
}

var endings = []ending{
	{
		"rest-unsettled",
		func(t *tally) bool { return !t.settled },
		func(t *tally) bool { return t.settled && t.said.has(orderSettled) },
	},
	{
		"rest-ends",
		func(t *tally) bool {
			return !t.said.has(paymentEnds) && !t.said.has(shipmentEnds) && !t.said.has(stockEnds)
		},
		func(t *tally) bool {
			return t.said.has(paymentEnds) && t.said.has(shipmentEnds) && t.said.has(stockEnds)
		},
	},
	{
		"rest-money",
		func(t *tally) bool { return t.charges == t.dues && t.refunds == 0 },
		func(t *tally) bool { return t.charges == t.refunds },
	},
	{
		"rest-goods",
		func(t *tally) bool { return t.held == "DEDUCTED" },
		func(t *tally) bool { return t.held == "REJECTED" || t.held == "RELEASED" || t.held == "REINSTATED" },
	},
	{
		"rest-parcel",
		func(t *tally) bool {
			return t.bookings == 1 && t.cancellations == 0 && t.handovers == 1 && t.said.has(shipmentDelivered)
		},
		func(t *tally) bool { return t.bookings == t.cancellations && t.handovers == 0 },
	},
	{
		"rest-invoice",
		func(t *tally) bool { return t.said.has(invoiceIssued) && !t.said.has(invoiceVoided) },
		func(t *tally) bool { return t.said.has(invoiceIssued) == t.said.has(invoiceVoided) },
	},
}

// Rested holds a world at rest against what has to be true then.
func (s *stage) Rested(w *world) error {
	for i := range s.count(w) {
		t := &s.tallies[i]
		if t.status == "" && t.erased {
			continue // whoever is erased cannot order
		}
		if broken := t.unfinished(); broken != "" {
			return &search.Breach{Invariant: broken, Detail: fmt.Sprintf("order %s rests %s", letters(i), t)}
		}
	}
	return s.restedReturns(w)
}

// unfinished is the name of what is not true of an order at rest; empty if everything is as it has to be.
func (t *tally) unfinished() string {
	for _, e := range endings {
		switch {
		case t.status == "FULFILLED" && !e.fulfilled(t), t.status == "CANCELLED" && !e.cancelled(t):
			return e.name
		case t.status != "FULFILLED" && t.status != "CANCELLED":
			return "rest-undecided"
		}
	}
	return ""
}

func (t *tally) String() string {
	return fmt.Sprintf("%q, settled: %t, with goods %s, charged %d and refunded %d times, booked %d and cancelled %d times, handed over %d times",
		t.status, t.settled, t.held, t.charges, t.refunds, t.bookings, t.cancellations, t.handovers)
}
