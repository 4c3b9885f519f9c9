package pickup

import (
	"fmt"
	"time"

	"quadrille.dev/services/fulfillment/internal/shipment"
)

// Event is something that happened to a pick-up.
type Event interface{ event() }

// The events. Others hear of Answered alone.
type (
	// CollectionAsked is somebody wanting the carrier to collect, and to be answered.
	CollectionAsked struct {
		Order shipment.OrderID
		Asker string
	}
	// CancellationAsked is somebody wanting it not to, and to be answered.
	CancellationAsked struct {
		Order shipment.OrderID
		Asker string
	}
	// CallIntended is something to be asked of the carrier.
	CallIntended struct {
		Operation Operation
		At        time.Time
	}
	// CallTaken is a worker about to ask it.
	CallTaken struct{ At time.Time }
	// AnswerLost is the call being due again: a worker has not heard the answer, or cannot ask yet.
	AnswerLost struct{ DueAt time.Time }
	// CollectionBooked is the carrier being to come.
	CollectionBooked struct{ Number string }
	// CollectionRefused is the carrier not coming.
	CollectionRefused struct{ Reason string }
	// CollectionCancelled is the carrier not coming, or not any more.
	CollectionCancelled struct{}
	// CollectionForgotten is nobody being known to want it, after the database was restored.
	CollectionForgotten struct{}
	// Answered is what who asked is told.
	Answered struct {
		Asker string
		Asked Asked
		Outcome
		// Reference is the carrier's number.
		Reference string
		Reason    string
	}
)

// Asked is what can be asked for.
type Asked int

// The carrier is to come, or not to.
const (
	ToArrange Asked = iota
	ToCancel
)

// Outcome is what came of it.
type Outcome string

// The outcomes: it is done; it is not, and will not be; what was done is undone, or never will be done.
const (
	Done    Outcome = "DONE"
	NotDone Outcome = "REFUSED"
	Undone  Outcome = "UNDONE"
)

func (CollectionAsked) event()     {}
func (CancellationAsked) event()   {}
func (CallIntended) event()        {}
func (CallTaken) event()           {}
func (AnswerLost) event()          {}
func (CollectionBooked) event()    {}
func (CollectionRefused) event()   {}
func (CollectionCancelled) event() {}
func (CollectionForgotten) event() {}
func (Answered) event()            {}

// Apply is the pick-up after the events.
func (p Pickup) Apply(events ...Event) Pickup {
	for _, e := range events {
		p = p.apply(e)
	}
	return p
}

func (p Pickup) apply(e Event) Pickup {
	switch e := e.(type) {
	case CollectionAsked:
		p.Order, p.Arranger = e.Order, e.Asker
	case CancellationAsked:
		p.Order, p.Canceller, p.CalledOff = e.Order, e.Asker, true
	case CallIntended, CallTaken, AnswerLost:
		return p.applyCall(e)
	case CollectionBooked:
		p.Status, p.Number, p.Call = Booked, e.Number, Call{}
	case CollectionRefused:
		p.Status, p.Reason, p.Call = Refused, e.Reason, Call{}
	case CollectionCancelled:
		p.Status, p.Call = Cancelled, Call{}
	case CollectionForgotten:
		p.Status, p.Call, p.Arranger = Unasked, Call{}, ""
	case Answered:
		p.Version++
		if e.Asked == ToArrange {
			p.Arranger = ""
		} else {
			p.Canceller = ""
		}
	default:
		panic(fmt.Sprintf("unknown event %T", e))
	}
	return p
}

func (p Pickup) applyCall(e Event) Pickup {
	switch e := e.(type) {
	case CallIntended:
		p.Call = Call{Operation: e.Operation, DueAt: e.At}
		p.Status = Pending
		if e.Operation == CancelPickup {
			p.Status = Cancelling
		}
	case CallTaken:
		p.Call.Attempts, p.Call.DueAt = p.Call.Attempts+1, e.At.Add(shipment.Lease)
		if p.Call.Operation == Collect {
			p.Status = Booking
		}
	case AnswerLost:
		p.Call.DueAt = e.DueAt
	}
	return p
}
