package order

import "time"

// StockRejected hears that the stock is too short, which cancels an undecided order.
func (o Order) StockRejected(missing []Shortage) []Event {
	return o.hear(o.Heard.StockRejected, StockRejected{missing}, func(o Order) []Event {
		return o.failed(OutOfStock, inWords(missing))
	})
}

// StockDeducted hears that the goods have left the stock, which fulfils an undecided order.
func (o Order) StockDeducted() []Event {
	return o.hear(o.Heard.StockDeducted, StockDeducted{}, func(o Order) []Event {
		switch o.Status {
		case StatusPlaced:
			return []Event{Fulfilled{}}
		case StatusCancelled, StatusFulfilled, StatusUnknown:
			return nil
		}
		panic("no case for status " + o.Status)
	})
}

// StockReleased hears that the reservation was given up.
func (o Order) StockReleased() []Event {
	return o.hear(o.Heard.StockReleased, StockReleased{}, Order.settle)
}

// StockReinstated hears that deducted goods were put back.
func (o Order) StockReinstated() []Event {
	return o.hear(o.Heard.StockReinstated, StockReinstated{}, Order.settle)
}

// PaymentDeclined hears that the customer cannot pay, which cancels an undecided order.
func (o Order) PaymentDeclined(reason string) []Event {
	return o.hear(o.Heard.PaymentDeclined, PaymentDeclined{reason}, func(o Order) []Event {
		return o.failed(Declined, reason)
	})
}

// PaymentVoided hears that nothing was charged, and nothing will be.
func (o Order) PaymentVoided() []Event {
	return o.hear(o.Heard.PaymentVoided, PaymentVoided{}, Order.settle)
}

// PaymentRefunded hears that the money went back.
func (o Order) PaymentRefunded() []Event {
	return o.hear(o.Heard.PaymentRefunded, PaymentRefunded{}, Order.settle)
}

// ShipmentFailed hears that no carrier takes the parcel, which cancels an undecided order.
func (o Order) ShipmentFailed(reason string) []Event {
	return o.hear(o.Heard.ShipmentFailed, ShipmentFailed{reason}, func(o Order) []Event {
		return o.failed(Undeliverable, reason)
	})
}

// ShipmentCancelled hears that no parcel goes.
func (o Order) ShipmentCancelled() []Event {
	return o.hear(o.Heard.ShipmentCancelled, ShipmentCancelled{}, Order.settle)
}

// hear records a fact, also one that does not matter yet, and what it decides. A repeat changes nothing.
func (o Order) hear(already bool, fact Event, decide func(Order) []Event) []Event {
	if already {
		return nil
	}
	return append([]Event{fact}, decide(o.with(fact))...)
}

// failed is what follows when a step of the saga failed.
func (o Order) failed(reason Reason, detail string) []Event {
	switch o.Status {
	case StatusPlaced:
		return o.cancel(reason, detail, BySystem)
	case StatusCancelled:
		return o.settle()
	case StatusFulfilled, StatusUnknown:
		return nil
	}
	panic("no case for status " + o.Status)
}

// settle tells that a cancelled order has been undone by all: each of the three ended it, whether heard before the order was
// cancelled or after.
func (o Order) settle() []Event {
	if o.Status == StatusCancelled && !o.Cancellation.Settled && o.Heard.undone() {
		return []Event{Settled{}}
	}
	return nil
}

// undone tells that money, parcel and goods are where they were. Goods that left the stock are back only when they were put back.
func (h Heard) undone() bool {
	money := h.PaymentVoided || h.PaymentRefunded || h.PaymentDeclined
	parcel := h.ShipmentCancelled || h.ShipmentFailed
	goods := h.StockReinstated || !h.StockDeducted && (h.StockRejected || h.StockReleased)
	return money && parcel && goods
}

// with is the order for deciding on, once event has happened.
func (o Order) with(event Event) Order { return o.After(time.Time{}, event) }
