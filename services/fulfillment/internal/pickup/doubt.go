package pickup

import (
	"time"

	"quadrille.dev/services/fulfillment/internal/shipment"
)

// Doubt follows the intention of a call that may have been made before, by a fulfillment that has been forgotten: it counts as taken with
// its answer lost, so that it is made again under the same key, and cannot be dropped.
func (p Pickup) Doubt(at time.Time) []Event {
	if p.Call.Operation == NoOperation || p.Call.Attempts > 0 {
		return nil
	}
	return []Event{CallTaken{At: at}, AnswerLost{DueAt: at}}
}

// ArrangeInDoubt is Arrange of a pick-up that may have forgotten that it is booked. Then the carrier is asked again, as soon as it is known
// where to come to; and not to come, when that is forgotten.
func (p Pickup) ArrangeInDoubt(order shipment.OrderID, asker string, where Whereabouts, at time.Time) []Event {
	if p.Status != Unasked {
		return p.Arrange(order, asker, where, at)
	}
	asked := CollectionAsked{order, asker}
	if where == Forgotten {
		return []Event{asked, CallIntended{Operation: CancelPickup, At: at}}
	}
	events := []Event{asked, CallIntended{Operation: Collect, At: at}}
	return append(events, p.Apply(events...).Doubt(at)...)
}

// CancelInDoubt is Cancel of a pick-up that may have forgotten that it is booked: only the carrier knows, and it does not come once it was
// asked not to, whatever it was asked for before.
func (p Pickup) CancelInDoubt(order shipment.OrderID, asker string, at time.Time) []Event {
	if p.Status != Unasked {
		return p.Cancel(order, asker, at)
	}
	return []Event{CancellationAsked{order, asker}, CallIntended{Operation: CancelPickup, At: at}}
}
