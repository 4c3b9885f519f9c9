package explore

import (
	"fmt"

	"quadrille.dev/proof/explore/search"
)

// causes are the reasons for which an order may be cancelled by what ordering hears.
var causes = map[said]string{stockRejected: "OUT_OF_STOCK", paymentDeclined: "PAYMENT_DECLINED", shipmentFailed: "SHIPMENT_FAILED"}

// requests are those for which people and time may cancel it.
var requests = map[deed]string{isCancelled: "CUSTOMER_REQUEST", isCancelledByOperator: "OPERATOR_REQUEST", expires: "TIMED_OUT"}

// because holds what was told against the reasons that there are for it.
func (s *stage) because(w *world, now stimulus, told []uint32) error {
	for _, number := range told {
		f := &s.facts[number]
		switch f.said {
		case orderCancelled:
			reason := requests[now.deed]
			if now.deed == hears || now.deed == hearsAnew {
				reason = causes[s.facts[now.what].said]
			}
			if f.reason != reason {
				return &search.Breach{Invariant: "reason", Detail: fmt.Sprintf("order %s is cancelled for %s, which is not the reason", letters(f.order), f.reason)}
			}
		case stockRejected:
			if !s.short(w, f.order) {
				return &search.Breach{Invariant: "reason", Detail: fmt.Sprintf("the stock is rejected to order %s, and there was enough", letters(f.order))}
			}
		}
	}
	return nil
}

// short tells whether there is too little of something that an order wants.
func (s *stage) short(w *world, order int) bool {
	for i, count := range s.roles[inventoryRole].states[w.at[inventoryRole]].view.stock {
		if s.Orders[order][s.skus[i]] > count.OnHand-count.Reserved {
			return true
		}
	}
	return false
}
