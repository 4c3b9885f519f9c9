package order

// Recall is what has to follow for the order to be as ordering said that it is, before it forgot; nothing where it is so already. What
// was decided stays decided: an order that was fulfilled is not cancelled now because its deadline has passed.
func (o Order) Recall(told Event) []Event {
	switch e := told.(type) {
	case Placed:
		if o.Status == StatusUnknown {
			return []Event{e}
		}
	case Fulfilled, Cancelled:
		if o.Status == StatusPlaced {
			return []Event{e}
		}
	case Settled:
		if o.Status == StatusCancelled && !o.Cancellation.Settled {
			return []Event{e}
		}
	}
	return nil
}
