package explore

import (
	"fmt"
	"slices"
	"sync"

	"quadrille.dev/proof/explore/search"
	"quadrille.dev/schema"
)

// causes are the reasons for which an order may be cancelled by what ordering hears.
var causes = map[said]string{stockRejected: "OUT_OF_STOCK", paymentDeclined: "PAYMENT_DECLINED", shipmentFailed: "SHIPMENT_FAILED"}

// requests are those for which people and time may cancel it.
var requests = map[deed]string{isCancelled: "CUSTOMER_REQUEST", isCancelledByOperator: "OPERATOR_REQUEST", expires: "TIMED_OUT"}

// because holds what was told against the reasons that there are for it.
func (s *stage) because(w *world, now stimulus, told []uint32) error {
	if err := s.reasoned(w, now, told); err != nil {
		return err
	}
	for i, number := range told {
		f := &s.facts[number]
		missing := s.undeclared(w, f, told[:i])
		switch reason := s.reason(now); {
		case missing != nil && requests[now.deed] == "":
			return &search.Breach{Invariant: "undeclared", Detail: fmt.Sprintf(
				"%s of order %s is told before any of %v, for one of which it waits by its schema", short(f.Name()), letters(f.order), missing)}
		case f.said == orderCancelled && f.reason != reason:
			return &search.Breach{Invariant: "reason", Detail: fmt.Sprintf("order %s is cancelled for %s, not for %s", letters(f.order), f.reason, reason)}
		case f.said == stockRejected && !s.short(w, f.order):
			return &search.Breach{Invariant: "reason", Detail: fmt.Sprintf("order %s is out of stock, and there was enough", letters(f.order))}
		}
	}
	return nil
}

// reason is why an order may be cancelled now.
func (s *stage) reason(now stimulus) string {
	if now.deed == hears || now.deed == hearsAnew {
		return causes[s.facts[now.what].said]
	}
	return requests[now.deed]
}

// undeclared is what a fact of the saga waits for by its schema and has not waited for: a group of facts of which none was told.
func (s *stage) undeclared(w *world, f *fact, just []uint32) []string {
	if f.order < 0 || len(f.after) == 0 {
		return nil
	}
	var told said
	for _, l := range w.post {
		if before := &s.facts[l.fact]; before.order == f.order {
			told |= before.said
		}
	}
	for _, number := range just {
		told |= s.facts[number].said
	}
	for _, group := range f.after {
		if !slices.ContainsFunc(group, func(name string) bool { return told.has(names[name]) }) {
			return group
		}
	}
	return nil
}

// declared is what the facts of the saga wait for by their schemas.
var declared = sync.OnceValue(func() map[string][][]string {
	after := map[string][][]string{}
	for _, e := range schema.Events() {
		if e.Saga != nil {
			after[e.Name] = e.Saga.After
		}
	}
	return after
})

// short tells whether there is too little of something that an order wants.
func (s *stage) short(w *world, order int) bool {
	for i, count := range s.view(w, roleInventory).stock {
		if s.Orders[order][s.skus[i]] > count.OnHand-count.Reserved {
			return true
		}
	}
	return false
}
