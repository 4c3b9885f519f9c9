package shipment

import (
	"slices"
	"time"
)

// Recall is what has to follow for the shipment to be as fulfillment said that it is, before it forgot; nothing where it is so already.
// Only what others hear of can be recalled.
func (s Shipment) Recall(told Event, at time.Time) []Event {
	pending := s.Status == Pending || s.Status == Booking
	switch e := told.(type) {
	case ParcelArranged:
		if pending && s.Fulfilled {
			return []Event{OrderPaid{}, e, CallIntended{Operation: HandOver, At: at}}
		}
		if pending {
			return []Event{OrderPaid{}, e}
		}
	case ParcelFailed:
		if pending {
			return []Event{OrderPaid{}, e}
		}
	case ParcelCancelled:
		if pending || s.Status == Arranged || s.Status == Cancelling {
			return []Event{OrderCancelled{}, e}
		}
	case ParcelDispatched:
		if s.Status == Arranged {
			return []Event{OrderFulfilled{}, e, CallIntended{Operation: Track, At: at.Add(firstLook)}}
		}
	case ParcelDelivered:
		if s.Status == Dispatched {
			return []Event{e}
		}
	}
	return nil
}

// Doubt follows the intention of a call that may have been made before, by a fulfillment that has been forgotten: it counts as taken
// with its answer lost, so that it is made again under the same key, and cannot be dropped.
func (s Shipment) Doubt(at time.Time) []Event {
	if s.Call.Operation == NoOperation || s.Call.Operation == Track || s.Call.Attempts > 0 {
		return nil
	}
	return []Event{CallTaken{At: at}, AnswerLost{DueAt: at}}
}

// CancelInDoubt is Cancel of a shipment that may have forgotten that it is booked: only the carrier knows.
func (s Shipment) CancelInDoubt(at time.Time) ([]Event, error) {
	events, err := s.Cancel(at)
	if cancelled := slices.Index(events, Event(ParcelCancelled{})); cancelled >= 0 {
		events = events[:cancelled]
		events = append(events, s.Apply(events...).ascertain(at)...)
	}
	return events, err
}

// ascertain ends a shipment that may be booked, which was forgotten. The carrier is asked for the booking under the key that answers what
// it answered then, so that it can be cancelled; for which the order has to be known.
func (s Shipment) ascertain(at time.Time) []Event {
	switch {
	case !s.Opened:
		return nil
	case !s.Address.Known():
		return []Event{ParcelCancelled{}}
	}
	intended := CallIntended{Operation: Book, At: at}
	return append([]Event{intended}, s.Apply(intended).Doubt(at)...)
}
