// Package order decides what becomes of an order: fulfilled or cancelled, once, for ever.
package order

import (
	"time"

	"github.com/google/uuid"

	"quadrille.dev/platform/money"
)

// ID names an order.
type ID struct{ uuid.UUID }

// CustomerID names a customer.
type CustomerID struct{ uuid.UUID }

// Status is what has been decided about an order. The zero value is an order that was never placed.
type Status string

// The decisions. The last two never change.
const (
	StatusUnknown   Status = ""
	StatusPlaced    Status = "PLACED"
	StatusFulfilled Status = "FULFILLED"
	StatusCancelled Status = "CANCELLED"
)

// PricedFrom tells whether pricing was asked for the prices or announced ones were used.
type PricedFrom string

// Where prices come from.
const (
	Live   PricedFrom = "LIVE"
	Cached PricedFrom = "CACHED"
)

// Line is a SKU and how many of it, at a price.
type Line struct {
	SKU       string      `json:"sku"`
	Quantity  int32       `json:"quantity"`
	UnitPrice money.Money `json:"unitPrice"`
	LineTotal money.Money `json:"lineTotal"`
}

// Address is where an order goes. All but the country is personal.
type Address struct {
	Name        string `json:"name"`
	Street      string `json:"street"`
	City        string `json:"city"`
	PostalCode  string `json:"postalCode"`
	CountryCode string `json:"countryCode"`
}

// Order is derived from its events and from nothing else.
type Order struct {
	ID ID
	// Version is the number of the order's events.
	Version int64
	Status  Status
	Placement
	PlacedAt     time.Time
	FulfilledAt  time.Time
	Cancellation Cancellation
	Heard        Heard
}

// Cancellation is why an order was cancelled; zero while it was not.
type Cancellation struct {
	Reason Reason
	Detail string
	By     Canceller
	At     time.Time
	// Settled tells that every context has undone its part.
	Settled bool
}

// Heard is what others have said about an order.
type Heard struct {
	StockRejected, StockDeducted, StockReleased, StockReinstated bool
	PaymentDeclined, PaymentVoided, PaymentRefunded              bool
	ShipmentFailed, ShipmentCancelled                            bool
}

// Recorded is an event in its place in an order's history.
type Recorded struct {
	// Version is the event's place, from 1.
	Version int64
	At      time.Time
	Event   Event
}

// Rebuild derives an order from its history.
func Rebuild(id ID, history []Recorded) Order {
	o := Order{ID: id}
	for _, recorded := range history {
		o.apply(recorded)
	}
	return o
}

// Record gives events that were decided on this order their places. Moments are kept to the microsecond.
func (o Order) Record(at time.Time, events ...Event) []Recorded {
	recorded := make([]Recorded, len(events))
	for i, event := range events {
		recorded[i] = Recorded{Version: o.Version + int64(i) + 1, At: moment(at), Event: event}
	}
	return recorded
}

// After is the order with events applied that were decided on it.
func (o Order) After(at time.Time, events ...Event) Order {
	for _, recorded := range o.Record(at, events...) {
		o.apply(recorded)
	}
	return o
}

func moment(at time.Time) time.Time { return at.UTC().Truncate(time.Microsecond) }

func (o *Order) apply(recorded Recorded) {
	o.Version = recorded.Version
	switch event := recorded.Event.(type) {
	case Placed:
		o.Status, o.Placement, o.PlacedAt = StatusPlaced, event.Placement, recorded.At
	case Fulfilled:
		o.Status, o.FulfilledAt = StatusFulfilled, recorded.At
	case Cancelled:
		o.Status = StatusCancelled
		o.Cancellation = Cancellation{Reason: event.Reason, Detail: event.Detail, By: event.By, At: recorded.At}
	case Settled:
		o.Cancellation.Settled = true
	case StockRejected:
		o.Heard.StockRejected = true
	case StockDeducted:
		o.Heard.StockDeducted = true
	case StockReleased:
		o.Heard.StockReleased = true
	case StockReinstated:
		o.Heard.StockReinstated = true
	case PaymentDeclined:
		o.Heard.PaymentDeclined = true
	case PaymentVoided:
		o.Heard.PaymentVoided = true
	case PaymentRefunded:
		o.Heard.PaymentRefunded = true
	case ShipmentFailed:
		o.Heard.ShipmentFailed = true
	case ShipmentCancelled:
		o.Heard.ShipmentCancelled = true
	}
}
