package explore

import "quadrille.dev/platform/testkit"

// tally is how one order stands: what was said of it, and what the outside has in its books.
type tally struct {
	// status and settled are ordering's, held is inventory's.
	status  string
	settled bool
	held    string
	// said was told at all, twice more than once, heard was handled by ordering.
	said, twice, heard said
	// What provider and carrier have done.
	charges, refunds, bookings, cancellations, handovers int
	// declined and unbookable tell that they refused.
	declined, unbookable bool
	// amiss tells that they were asked for something else than what the order is about.
	amiss bool
	// erased tells that the customer wants to be forgotten.
	erased bool
	// dues is how often it has to be charged: not at all, if it costs nothing.
	dues int
}

// tallies are those of all orders, in a buffer that is used again for the next world.
func (s *stage) count(w *world) []tally {
	tallies := s.tallies
	for i := range tallies {
		v := s.view(w, roleOrdering)
		tallies[i] = tally{
			status: v.status[i], settled: v.settled[i], held: s.view(w, roleInventory).status[i],
			erased: w.spent.erased&(1<<i) != 0, dues: s.dues(),
		}
	}
	for _, l := range w.post {
		f := &s.facts[l.fact]
		if f.order < 0 {
			continue
		}
		t := &tallies[f.order]
		t.twice |= t.said & f.said
		t.said |= f.said
		if l.copies[roleOrdering] > 0 {
			t.heard |= f.said
		}
	}
	for _, e := range w.books {
		call := &s.calls[e.call]
		if order, known := s.orders[call.Subject]; known {
			tallies[order].enter(call, e.outcome)
			tallies[order].amiss = tallies[order].amiss || !s.fits[e.call]
		}
	}
	return tallies
}

func (s *stage) dues() int {
	if s.Free {
		return 0
	}
	return 1
}

func (t *tally) enter(call *testkit.Call, outcome testkit.Outcome) {
	if outcome == testkit.Refused {
		t.declined = t.declined || call.Operation == "charge"
		t.unbookable = t.unbookable || call.Operation == "book"
		return
	}
	switch call.Operation {
	case "charge":
		t.charges++
	case "refund":
		t.refunds++
	case "book":
		t.bookings++
	case "cancel":
		t.cancellations++
	case "handover":
		t.handovers++
	}
}
