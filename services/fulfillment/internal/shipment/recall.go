package shipment

import "time"

// Recall is what has to follow for the shipment to be as fulfillment said that it is, before it forgot; nothing where it is so already.
// Only what others hear of can be recalled.
func (s Shipment) Recall(told Event, at time.Time) []Event {
	pending := s.Status == Pending || s.Status == Booking
	switch e := told.(type) {
	case ParcelArranged, ParcelFailed:
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
