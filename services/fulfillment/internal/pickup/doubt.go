package pickup

import (
	"time"

	"quadrille.dev/services/fulfillment/internal/shipment"
)

// Doubt follows a call that was only intended when the database was saved from which it is restored. The carrier may have been asked to come
// since, or that may have been called off: it is forgotten, and who still wants it asks again. That it is not to come was final.
func (p Pickup) Doubt(at time.Time) []Event {
	switch {
	case p.Call.Operation == NoOperation || p.Call.Attempts > 0:
		return nil
	case p.Call.Operation == Collect:
		return []Event{CollectionForgotten{}}
	default:
		return []Event{CallTaken{At: at}, AnswerLost{DueAt: at}}
	}
}

// ArrangeInDoubt is Arrange of a pick-up that may have forgotten that it is booked. Then the carrier is asked again, under the key that answers
// what it answered then, as soon as it is known where to come to; and not to come, when that is forgotten. The call counts as taken with its
// answer lost: it cannot be dropped.
func (p Pickup) ArrangeInDoubt(order shipment.OrderID, asker string, where Whereabouts, at time.Time) []Event {
	if p.Status != Unasked {
		return p.Arrange(order, asker, where, at)
	}
	asked := CollectionAsked{order, asker}
	if where == Forgotten {
		return []Event{asked, CallIntended{Operation: CancelPickup, At: at}}
	}
	return []Event{asked, CallIntended{Operation: Collect, At: at}, CallTaken{At: at}, AnswerLost{DueAt: at}}
}

// CancelInDoubt is Cancel of a pick-up that may have forgotten that it is booked: only the carrier knows, and it does not come once it was
// asked not to, whatever it was asked for before.
func (p Pickup) CancelInDoubt(order shipment.OrderID, asker string, at time.Time) []Event {
	if p.Status != Unasked {
		return p.Cancel(order, asker, at)
	}
	return []Event{CancellationAsked{order, asker}, CallIntended{Operation: CancelPickup, At: at}}
}
