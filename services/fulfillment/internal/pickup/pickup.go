// Package pickup is the carrier collecting the goods of one return.
//
// Methods that decide answer the events that follow, and leave the pick-up as it is; Apply makes events true. Whoever asks for something is
// answered as soon as nothing is left to ask of the carrier.
package pickup

import (
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"quadrille.dev/services/fulfillment/internal/shipment"
)

// ReturnID names the return, and so the pick-up.
type ReturnID struct{ uuid.UUID }

// Status is how a pick-up stands.
type Status string

// The statuses. Refused and Cancelled are final.
const (
	// Unasked: nothing was asked for the return.
	Unasked Status = "UNASKED"
	// Pending: the carrier is to be asked, and no worker has taken that.
	Pending Status = "PENDING"
	Booking Status = "BOOKING"
	Booked  Status = "BOOKED"
	// Refused: the carrier does not come.
	Refused    Status = "REFUSED"
	Cancelling Status = "CANCELLING"
	// Cancelled: the carrier does not come any more, or never was to.
	Cancelled Status = "CANCELLED"
)

// Pickup is the collection of one return's goods. It holds no address: that is the shipment's, and read when the carrier is asked.
type Pickup struct {
	Return ReturnID
	// Order is zero until something was asked.
	Order shipment.OrderID
	// Version counts what was published.
	Version int64
	Status  Status
	// CalledOff tells whether it was to be cancelled. It is never booked after.
	CalledOff bool
	// Arranger and Canceller are where answers go that are owed; empty when none is.
	Arranger, Canceller string
	// Number is the carrier's, once it is booked.
	Number string
	// Reason is why the carrier does not come.
	Reason string
	Call   Call
}

// New is the pick-up of a return for which nothing was asked.
func New(id ReturnID) Pickup { return Pickup{Return: id, Status: Unasked} }

// Whereabouts tells whether the carrier can be told where the goods are.
type Whereabouts int

// The order is not heard of, or it is known where it went, or that is forgotten.
const (
	Unheard Whereabouts = iota
	Known
	Forgotten
)

// Of tells where the goods of a shipment are.
func Of(s shipment.Shipment) Whereabouts {
	switch {
	case !s.Opened:
		return Unheard
	case s.Address.Known():
		return Known
	default:
		return Forgotten
	}
}

// ErrContradiction is what cannot be: an answer to what was never asked, or other than an earlier answer to the same question.
var ErrContradiction = errors.New("contradicts what is known")

// What people are told of a pick-up that does not come about.
const (
	addressNotKnown = "The address is not known."
	calledOff       = "The return was called off."
)

// Arrange hears that the carrier is to collect the goods of an order.
func (p Pickup) Arrange(order shipment.OrderID, asker string, where Whereabouts, at time.Time) []Event {
	events := []Event{CollectionAsked{order, asker}}
	switch {
	case p.Status != Unasked:
	case where == Known:
		events = append(events, CallIntended{Operation: Collect, At: at})
	default:
		events = append(events, CollectionRefused{addressNotKnown})
	}
	return p.answering(events)
}

// Cancel hears that the carrier is not to come. What it has been asked for is undone when it has answered.
func (p Pickup) Cancel(order shipment.OrderID, asker string, at time.Time) []Event {
	events := []Event{CancellationAsked{order, asker}}
	switch p.Status {
	case Unasked, Pending:
		events = append(events, CollectionCancelled{})
	case Booked:
		events = append(events, CallIntended{Operation: CancelPickup, At: at})
	case Booking, Refused, Cancelling, Cancelled:
	}
	return p.answering(events)
}

// answering adds to events what those are told who have asked, unless the carrier has yet to answer.
func (p Pickup) answering(events []Event) []Event {
	next := p.Apply(events...)
	if next.Call.Operation != NoOperation {
		return events
	}
	if next.Arranger != "" {
		events = append(events, next.answer())
	}
	if next.Canceller != "" {
		events = append(events, Answered{Asker: next.Canceller, Asked: ToCancel, Outcome: Undone})
	}
	return events
}

// answer is what came of asking for the pick-up.
func (p Pickup) answer() Answered {
	answered := Answered{Asker: p.Arranger, Asked: ToArrange, Outcome: NotDone}
	switch p.Status {
	case Booked:
		answered.Outcome, answered.Reference = Done, p.Number
	case Refused:
		answered.Reason = p.Reason
	case Cancelled:
		answered.Reason = calledOff
	case Unasked, Pending, Booking, Cancelling:
		panic(fmt.Sprintf("pick-up of return %s is answered while %s", p.Return, p.Status))
	}
	return answered
}
