// Package shipment is the parcel of one order.
//
// Methods that decide answer the events that follow, and leave the shipment as it is; Apply makes events true.
package shipment

import (
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
)

// OrderID names the order, and so the shipment.
type OrderID struct{ uuid.UUID }

// CustomerID names whose order it is.
type CustomerID struct{ uuid.UUID }

// Status is how a shipment stands.
type Status string

// A shipment begins pending, and ends failed, cancelled or delivered.
const (
	Pending    Status = "PENDING"
	Booking    Status = "BOOKING"
	Arranged   Status = "ARRANGED"
	Failed     Status = "FAILED"
	Cancelling Status = "CANCELLING"
	Cancelled  Status = "CANCELLED"
	Dispatched Status = "DISPATCHED"
	Delivered  Status = "DELIVERED"
)

// Shipment is one order's parcel.
type Shipment struct {
	Order OrderID
	// Version counts the facts published.
	Version int64
	// Opened tells whether the order was heard of; without it there are no customer and address.
	Opened   bool
	Customer CustomerID
	Address  Address
	// Paid, CalledOff and Fulfilled tell what was heard of the order. One called off is never booked after; one fulfilled may go.
	Paid      bool
	CalledOff bool
	Fulfilled bool
	Status    Status
	// Carrier and TrackingNumber are known once it is booked.
	Carrier        string
	TrackingNumber string
	// Reason is why the carrier refused.
	Reason string
	// Erased tells whether the customer is: then the address is kept only as long as the carrier has to be told it.
	Erased bool
	// Stated tells that an operator has said how a call ended. The carrier may still say something else.
	Stated bool
	Call   Call
}

// Address is where the parcel goes. All but the country is personal.
type Address struct{ Name, Street, City, PostalCode, CountryCode string }

// Known tells whether a parcel can go there.
func (a Address) Known() bool { return a.Name != "" && a.Street != "" && a.City != "" }

// Order is what fulfillment has to know of an order.
type Order struct {
	ID       OrderID
	Customer CustomerID
	Address  Address
	// Erased tells whether the customer was, before the order was heard of: then there is no address.
	Erased bool
}

// New is the shipment of an order that nothing was heard of.
func New(order OrderID) Shipment { return Shipment{Order: order, Status: Pending} }

// ErrContradiction is what cannot be: an order both fulfilled and cancelled, an answer to what was never asked, or other than an
// earlier answer to the same question.
var ErrContradiction = errors.New("contradicts what is known")

// Open hears of the order.
func (s Shipment) Open(order Order, at time.Time) []Event {
	if s.Opened {
		return nil
	}
	if order.Erased {
		order.Address = Address{CountryCode: order.Address.CountryCode}
	}
	events := []Event{Opened{order}}
	if s.CalledOff && s.Status == Pending { // in doubt
		return append(events, s.Apply(events...).ascertain(at)...)
	}
	return append(events, s.Apply(events...).book(at)...)
}

// Pay hears that the order is paid, so that the carrier may be booked.
func (s Shipment) Pay(at time.Time) []Event {
	if s.Paid {
		return nil
	}
	events := []Event{OrderPaid{}}
	return append(events, s.Apply(events...).book(at)...)
}

// book is asked for when all is known and the order is paid. There is no use in asking for an address that is forgotten.
func (s Shipment) book(at time.Time) []Event {
	switch {
	case !s.Opened || !s.Paid || s.CalledOff || s.Status != Pending: // already booked if recalled
		return nil
	case s.Erased && !s.Address.Known():
		return []Event{ParcelFailed{Reason: "The customer was erased, and with them the address."}}
	default:
		return []Event{CallIntended{Operation: Book, At: at}}
	}
}

// Forget hears that the customer was erased.
func (s Shipment) Forget() []Event {
	if s.Erased {
		return nil
	}
	return []Event{CustomerErased{}}
}

// Cancel hears that the order was cancelled, and undoes what was done. What the carrier has been asked for is undone when it has
// answered.
func (s Shipment) Cancel(at time.Time) ([]Event, error) {
	if s.CalledOff {
		return nil, nil
	}
	if s.Fulfilled {
		return nil, fmt.Errorf("cancel a fulfilled order: %w", ErrContradiction)
	}
	events := []Event{OrderCancelled{}}
	switch s.Status {
	case Pending:
		return append(events, ParcelCancelled{}), nil
	case Arranged:
		return append(events, CallIntended{Operation: Cancel, At: at}), nil
	case Booking, Failed, Cancelling, Cancelled, Dispatched, Delivered:
	}
	return events, nil
}

// Fulfil hears that the order is fulfilled, so that the parcel goes as soon as it is booked.
func (s Shipment) Fulfil(at time.Time) ([]Event, error) {
	if s.Fulfilled {
		return nil, nil
	}
	if s.CalledOff || s.Status == Failed {
		return nil, fmt.Errorf("fulfil an order while %s: %w", s.Status, ErrContradiction)
	}
	events := []Event{OrderFulfilled{}}
	if s.Status == Arranged {
		events = append(events, CallIntended{Operation: HandOver, At: at})
	}
	return events, nil
}
