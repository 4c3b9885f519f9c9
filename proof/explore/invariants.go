package explore

import (
	"fmt"

	"quadrille.dev/proof/explore/search"
)

// invariant is something that has to be true of an order; it answers what is the case instead, or nothing.
type invariant struct {
	name  string
	wrong func(t *tally) string
}

// when is for invariants of few words.
func when(wrong bool, format string, args ...any) string {
	if wrong {
		return fmt.Sprintf(format, args...)
	}
	return ""
}

// always holds of each order in every world.
var always = []invariant{
	{"contradiction", func(t *tally) string {
		return when(t.said.has(orderFulfilled) && t.said.has(orderCancelled), "both fulfilled and cancelled")
	}},
	{"twice", func(t *tally) string { return when(t.twice != 0, "a fact is told twice") }},
	{"two-ends", func(t *tally) string {
		return when(t.said.many(paymentEnds) || t.said.many(shipmentEnds) || t.said.many(stockEnds), "two facts of which each ends the same")
	}},
	{"charged-once", func(t *tally) string { return when(t.charges > t.dues, "charged %d times", t.charges) }},
	{"refunded-once", func(t *tally) string {
		return when(t.refunds > t.charges, "charged %d times, refunded %d times", t.charges, t.refunds)
	}},
	{"asked", func(t *tally) string {
		return when(t.amiss, "the outside is asked for something else than what the order is about")
	}},
	{"charged-after-void", func(t *tally) string {
		return when(t.said.has(paymentVoided) && t.charges > 0, "payment.voided is told, and the provider has charged")
	}},
	{"handed-over", func(t *tally) string {
		return when(t.handovers > 0 && t.status != "FULFILLED", "the parcel is handed over while the order is %s", t.status)
	}},
	{"refunded-fulfilled", func(t *tally) string {
		return when(t.refunds > 0 && t.status == "FULFILLED", "fulfilled, and refunded")
	}},
	{"booked-once", func(t *tally) string { return when(t.bookings > 1, "booked more than once") }},
	{"hearsay", hearsay},
	{"settled-early", func(t *tally) string {
		ended := stockEnds
		if t.said.has(stockDeducted) {
			ended = stockReinstated
		}
		early := !t.said.has(orderCancelled) || !t.heard.has(paymentEnds) || !t.heard.has(shipmentEnds) || !t.heard.has(ended)
		return when((t.settled || t.said.has(orderSettled)) && early, "settled, and ordering has not heard of every end")
	}},
}

// hearsay holds what is told of the outside against its own books.
func hearsay(t *tally) string {
	switch {
	case t.said.has(paymentCaptured) && t.charges < t.dues:
		return "payment.captured is told, and the provider has not charged"
	case t.said.has(paymentDeclined) && !t.declined && !t.erased:
		return "payment.declined is told, and the provider has not refused"
	case t.said.has(paymentRefunded) && t.refunds < t.dues:
		return "payment.refunded is told, and the provider has not refunded"
	case t.said.has(shipmentArranged) && t.bookings == 0:
		return "shipment.arranged is told, and the carrier has no booking"
	case t.said.has(shipmentFailed) && !t.unbookable && !t.erased:
		return "shipment.failed is told, and the carrier has not refused"
	case t.said.has(shipmentCancelled) && t.bookings > t.cancellations:
		return "shipment.cancelled is told, and the carrier has a booking"
	case t.said.has(shipmentDispatched) && t.handovers == 0:
		return "shipment.dispatched is told, and the carrier has no parcel"
	}
	return ""
}

// Always holds a world against what has to be true at every moment.
func (s *stage) Always(w *world) error {
	for i := range s.count(w) {
		for _, invariant := range always {
			if wrong := invariant.wrong(&s.tallies[i]); wrong != "" {
				return &search.Breach{Invariant: invariant.name, Detail: "order " + letters(i) + ": " + wrong}
			}
		}
	}
	if err := s.holds(w); err != nil {
		return err
	}
	return s.stockAddsUp(w)
}

// stockAddsUp holds the counts of stock against themselves, and against what is held for each order.
func (s *stage) stockAddsUp(w *world) error {
	for i, count := range s.view(w, roleInventory).stock {
		sku := s.skus[i]
		var held, gone int64
		for order, t := range s.tallies {
			switch t.held {
			case "RESERVED":
				held += s.Orders[order][sku]
			case "DEDUCTED":
				gone += s.Orders[order][sku]
			}
		}
		for i := range s.accounts {
			if s.accounts[i].restock == "PUT_BACK" {
				gone -= s.Returns[i].Lines[sku]
			}
		}
		received := s.Stock[sku] + int64(w.spent.delivered)*s.Delivery[sku]
		switch {
		case count.Reserved < 0 || count.Reserved > count.OnHand || count.OnHand+count.Deducted != count.Received || count.Received != received:
			return &search.Breach{Invariant: "stock", Detail: fmt.Sprintf("%s: %+v", sku, count)}
		case count.Reserved != held || count.Deducted != gone:
			return &search.Breach{Invariant: "held", Detail: fmt.Sprintf("%s: %+v, and orders hold %d and have taken %d", sku, count, held, gone)}
		}
	}
	return nil
}
