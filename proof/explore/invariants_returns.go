package explore

import (
	"fmt"

	"quadrille.dev/proof/explore/search"
)

// rule is something that has to be true of a return; it answers what is the case instead, or nothing.
type rule struct {
	name  string
	wrong func(a *account) string
}

// rules hold of each return in every world.
var rules = []rule{
	{"contradiction", func(a *account) string {
		return when(a.said.has(returnCompleted) && a.said.has(returnCompensated), "both completed and compensated")
	}},
	{"twice", func(a *account) string { return when(a.twice&^often != 0, "a fact is told twice") }},
	{"refunded-once", func(a *account) string { return when(a.refunds > 1, "refunded %d times", a.refunds) }},
	{"refunded", func(a *account) string {
		return when(a.refunds > 0 && a.given != a.refund, "%d is given back instead of %d", a.given, a.refund)
	}},
	{"asked", func(a *account) string {
		return when(a.amiss, "the outside is asked for something else than what the return is about")
	}},
	{"collected-once", func(a *account) string { return when(a.collections > 1, "collected %d times", a.collections) }},
	{"hearsay", hearsayOfReturn},
	{"undone-early", undoneEarly},
	{"completed", func(a *account) string {
		return when(a.said.has(returnCompleted) && (a.refunds != a.dues || a.restock != "PUT_BACK" || !a.live()), "completed, %s", a)
	}},
	{"compensated", func(a *account) string {
		undone := func(step int) bool { return !a.decreed.has(stepCompensated << step) }
		return when(a.said.has(returnCompensated) && (undone(0) && a.live() || undone(1) && a.restock == "PUT_BACK" || undone(2) && a.refunds > 0),
			"compensated, %s", a)
	}},
}

// hearsayOfReturn holds what is told of the outside against its own books.
func hearsayOfReturn(a *account) string {
	switch {
	case a.has(wasDone, 0) && a.collections == 0:
		return "the pick-up is told to be arranged, and the carrier knows of none"
	case a.has(wasDone, 1) && !a.said.has(stockReturned):
		return "the goods are told to be back, and are not"
	case (a.has(wasDone, 2) || a.said.has(creditNoteIssued)) && a.refunds < a.dues:
		return "the refund is told to be done, and the provider has not given it"
	case a.refunds > 0 && a.has(wasRefused, 2):
		return "the refund is told to be refused, and the provider has given it"
	}
	return ""
}

// undoneEarly holds what is told to be undone, and never to be done, against what is, or may become.
func undoneEarly(a *account) string {
	switch {
	case a.has(wasUndone, 0) && (a.live() || a.asking["collect"] || a.asking["cancelPickup"]):
		return "the pick-up is told to be undone, and the carrier may come"
	case a.has(wasUndone, 1) && a.restock == "PUT_BACK":
		return "the restock is told to be undone, and the goods are there"
	case a.has(wasUndone, 2) && (a.refunds > 0 || a.asking["refund"]):
		return "the refund is told to be undone, and the provider has given it, or may"
	}
	return ""
}

func (a *account) String() string {
	return fmt.Sprintf("state %s, pick-up %s, goods %s, collected %d and called off %d times, %d given back in %d refunds of %d",
		a.state, a.pickup, a.restock, a.collections, a.cancellations, a.given, a.refunds, a.refund)
}

// holds holds the returns of a world against what has to be true at every moment.
func (s *stage) holds(w *world) error {
	for i := range s.audit(w) {
		for _, rule := range rules {
			if wrong := rule.wrong(&s.accounts[i]); wrong != "" {
				return &search.Breach{Invariant: rule.name, Detail: s.nth(i) + ": " + wrong}
			}
		}
	}
	for order := range s.Orders {
		if err := s.within(order); err != nil {
			return err
		}
	}
	return nil
}

// within holds all returns of an order against what was bought and paid.
func (s *stage) within(order int) error {
	var given, promised int64
	back, active := Order{}, Order{}
	for i := range s.accounts {
		a := &s.accounts[i]
		if a.order != order {
			continue
		}
		given += a.given
		if a.state != "" && a.state != "COMPENSATED" {
			promised += a.refund
			add(active, s.Returns[i].Lines)
		}
		if a.restock == "PUT_BACK" {
			add(back, s.Returns[i].Lines)
		}
	}
	captured := int64(s.tallies[order].charges) * s.placement(uint32(order)).Total.Minor
	if given > captured || promised > captured {
		return &search.Breach{Invariant: "given", Detail: fmt.Sprintf("order %s: %d paid, %d given back, %d promised", letters(order), captured, given, promised)}
	}
	for sku, bought := range s.Orders[order] {
		if active[sku] > bought || back[sku] > bought {
			return &search.Breach{Invariant: "bought", Detail: fmt.Sprintf("order %s: %d of %s bought, %d to come back, %d back",
				letters(order), bought, sku, active[sku], back[sku])}
		}
	}
	return nil
}

func add(to, goods Order) {
	for sku, quantity := range goods {
		to[sku] += quantity
	}
}
