package order

import (
	"time"

	"quadrille.dev/platform/money"
)

// Event is something that happened to an order. Its JSON is what the store keeps.
type Event interface{ event() }

// Placement is everything that an order consists of when it is placed.
type Placement struct {
	// Number is what a person says on the telephone: Q-00001234.
	Number     string     `json:"number"`
	CustomerID CustomerID `json:"customerId"`
	// Lines has each SKU once.
	Lines           []Line      `json:"lines"`
	Discount        money.Money `json:"discount"`
	Total           money.Money `json:"total"`
	ShippingAddress Address     `json:"shippingAddress"`
	PaymentToken    string      `json:"paymentToken"`
	PricedFrom      PricedFrom  `json:"pricedFrom"`
	PromotionCodes  []string    `json:"promotionCodes"`
	// Deadline is when the order is cancelled unless it is fulfilled by then.
	Deadline time.Time `json:"deadline"`
}

// The decisions about an order.
type (
	// Placed begins an order.
	Placed struct{ Placement }
	// Fulfilled is the decision that the parcel goes.
	Fulfilled struct{}
	// Cancelled is the decision that it does not.
	Cancelled struct {
		Reason Reason    `json:"reason"`
		Detail string    `json:"detail"`
		By     Canceller `json:"by"`
	}
	// Settled tells that every context has undone its part of a cancelled order.
	Settled struct{}
)

// What others said about an order.
type (
	// StockRejected tells that the stock was too short.
	StockRejected struct {
		Missing []Shortage `json:"missing"`
	}
	// StockDeducted tells that the goods left the stock.
	StockDeducted struct{}
	// StockReleased tells that the reservation was given up.
	StockReleased struct{}
	// StockReinstated tells that deducted goods were put back.
	StockReinstated struct{}
	// PaymentDeclined tells that the customer cannot pay.
	PaymentDeclined struct {
		Reason string `json:"reason"`
	}
	// PaymentVoided tells that nothing was charged, and nothing will be.
	PaymentVoided struct{}
	// PaymentRefunded tells that the money went back.
	PaymentRefunded struct{}
	// ShipmentFailed tells that no carrier takes the parcel.
	ShipmentFailed struct {
		Reason string `json:"reason"`
	}
	// ShipmentCancelled tells that no parcel goes.
	ShipmentCancelled struct{}
)

// Shortage is a SKU of which there was less than was ordered.
type Shortage struct {
	SKU       string `json:"sku"`
	Requested int64  `json:"requested"`
	Available int64  `json:"available"`
}

func (Placed) event()            {}
func (Fulfilled) event()         {}
func (Cancelled) event()         {}
func (Settled) event()           {}
func (StockRejected) event()     {}
func (StockDeducted) event()     {}
func (StockReleased) event()     {}
func (StockReinstated) event()   {}
func (PaymentDeclined) event()   {}
func (PaymentVoided) event()     {}
func (PaymentRefunded) event()   {}
func (ShipmentFailed) event()    {}
func (ShipmentCancelled) event() {}

// Blank is the event without what is personal.
func Blank(event Event) Event {
	switch e := event.(type) {
	case Placed:
		e.ShippingAddress = Address{CountryCode: e.ShippingAddress.CountryCode}
		e.PaymentToken = ""
		return e
	case Cancelled:
		if e.By != BySystem { // people write what they like
			e.Detail = ""
		}
		return e
	default:
		return event
	}
}
