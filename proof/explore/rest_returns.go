package explore

import (
	"fmt"

	"quadrille.dev/proof/explore/search"
)

// restedReturns holds the returns of a world at rest against what has to be true then.
func (s *stage) restedReturns(w *world) error {
	for i := range s.audit(w) {
		a := &s.accounts[i]
		if wrong := s.unfinished(i); wrong != "" {
			return &search.Breach{Invariant: wrong, Detail: fmt.Sprintf("%s rests in %s", s.nth(i), a)}
		}
	}
	return s.paidBack()
}

// unfinished is the name of what is not true of a return at rest; empty if everything is as it has to be.
func (s *stage) unfinished(i int) string {
	a := &s.accounts[i]
	switch a.state {
	case "COMPLETED", "COMPENSATED":
		return ""
	case "NEEDS_OPERATOR":
		// Everybody has answered everything, so that it is the goods, which are promised to others.
		if a.restock == "PUT_BACK" && a.has(toUndo, 1) && !a.has(stepCompensated, 1) {
			return ""
		}
		return "rest-operator"
	case "":
		if s.tallies[a.order].status == "FULFILLED" && s.possible(i) {
			return "rest-unrequested"
		}
		return ""
	default:
		return "rest-return"
	}
}

// possible tells whether a return could be requested, as far as what was bought goes.
func (s *stage) possible(i int) bool {
	with := Order{}
	add(with, s.Returns[i].Lines)
	for j := range s.accounts {
		if state := s.accounts[j].state; s.Returns[j].Order == s.Returns[i].Order && state != "" && state != "COMPENSATED" {
			add(with, s.Returns[j].Lines)
		}
	}
	for sku, quantity := range with {
		if quantity > s.Orders[s.Returns[i].Order][sku] {
			return false
		}
	}
	return true
}

// paidBack holds what was given back of an order against the share of what was paid for what has come back: exactly, if that is all; and
// else but for a minor unit by return, since what each gets depends on those that were on their way with it.
func (s *stage) paidBack() error {
	for order := range s.Orders {
		var given, returns int64
		back := Order{}
		for i := range s.accounts {
			if a := &s.accounts[i]; a.order == order && a.state == "COMPLETED" {
				given += a.given
				returns++
				add(back, s.Returns[i].Lines)
			}
		}
		share, all := s.share(order, back)
		if off := given - share; all && off != 0 || off > returns || -off > returns {
			return &search.Breach{Invariant: "rest-share", Detail: fmt.Sprintf("order %s: %d given back, and %d was paid for it", letters(order), given, share)}
		}
	}
	return nil
}

// share is what was paid for goods of an order, and whether they are all of it.
func (s *stage) share(order int, goods Order) (paid int64, all bool) {
	var of, value int64
	all = true
	for sku, bought := range s.Orders[order] {
		of += bought
		value += goods[sku]
		all = all && goods[sku] == bought
	}
	return s.placement(uint32(order)).Total.Minor * value / of, all
}
