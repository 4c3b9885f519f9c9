package shipment

import (
	"fmt"
	"time"
)

// Event is something that happened to a shipment.
type Event interface{ event() }

// What happens within, and is nobody else's business.
type (
	// Opened is the order becoming known.
	Opened struct{ Order Order }
	// OrderPaid is the order being paid.
	OrderPaid struct{}
	// OrderCancelled is the order never to be sent.
	OrderCancelled struct{}
	// OrderFulfilled is the order to be sent, past return.
	OrderFulfilled struct{}
	// CustomerErased is the customer wanting to be forgotten.
	CustomerErased struct{}
	// BookedInVain is the carrier booked for what is not to be sent.
	BookedInVain struct{ Carrier, TrackingNumber string }
	// CallIntended is something to be asked of the carrier.
	CallIntended struct {
		Operation Operation
		At        time.Time
	}
	// CallTaken is a worker about to ask it.
	CallTaken struct{ At time.Time }
	// AnswerLost is a worker not having heard the answer, and the call being due again.
	AnswerLost struct{ DueAt time.Time }
	// CallRetried is an operator wanting it to be made now.
	CallRetried struct{ At time.Time }
	// OutcomeStated is an operator having said how it ended.
	OutcomeStated struct{}
	// CancelledInVain is the carrier not coming any more for what failed already.
	CancelledInVain struct{}
	// StillUnderWay is the parcel not having arrived.
	StillUnderWay struct{ At time.Time }
)

// What others hear of.
type (
	// ParcelArranged is the carrier being booked.
	ParcelArranged struct{ Carrier, TrackingNumber string }
	// ParcelFailed is the carrier refusing.
	ParcelFailed struct{ Reason string }
	// ParcelCancelled is nothing to be sent, and nothing booked.
	ParcelCancelled struct{}
	// ParcelDispatched is the parcel being with the carrier.
	ParcelDispatched struct{ Carrier, TrackingNumber string }
	// ParcelDelivered is the parcel having arrived.
	ParcelDelivered struct{ TrackingNumber string }
	// CallStalled is the carrier not having answered for long.
	CallStalled struct {
		Operation Operation
		Tries     int
		// Why is how the last try went wrong.
		Why string
	}
)

func (Opened) event()           {}
func (OrderPaid) event()        {}
func (OrderCancelled) event()   {}
func (OrderFulfilled) event()   {}
func (CustomerErased) event()   {}
func (BookedInVain) event()     {}
func (CallIntended) event()     {}
func (CallTaken) event()        {}
func (AnswerLost) event()       {}
func (CallRetried) event()      {}
func (OutcomeStated) event()    {}
func (CancelledInVain) event()  {}
func (CallStalled) event()      {}
func (StillUnderWay) event()    {}
func (ParcelArranged) event()   {}
func (ParcelFailed) event()     {}
func (ParcelCancelled) event()  {}
func (ParcelDispatched) event() {}
func (ParcelDelivered) event()  {}

// Apply is the shipment after the events.
func (s Shipment) Apply(events ...Event) Shipment {
	for _, e := range events {
		s = s.apply(e)
	}
	if s.Erased && s.Status != Pending && s.Status != Booking {
		s.Address = Address{CountryCode: s.Address.CountryCode}
	}
	return s
}

func (s Shipment) apply(e Event) Shipment {
	switch e := e.(type) {
	case Opened, OrderPaid, OrderCancelled, OrderFulfilled, CustomerErased:
		return s.applyHeard(e)
	case BookedInVain:
		s.Carrier, s.TrackingNumber, s.Call = e.Carrier, e.TrackingNumber, Call{}
		return s
	case OutcomeStated:
		s.Stated = true
		return s
	case CallIntended, CallTaken, AnswerLost, StillUnderWay, CallRetried, CancelledInVain:
		return s.applyCall(e)
	case CallStalled:
		s.Call.Stalled = true
		s.Version++
		return s
	case ParcelArranged:
		s.Status, s.Carrier, s.TrackingNumber = Arranged, e.Carrier, e.TrackingNumber
	case ParcelFailed:
		s.Status, s.Reason = Failed, e.Reason
	case ParcelCancelled:
		s.Status = Cancelled
	case ParcelDispatched:
		s.Status = Dispatched
	case ParcelDelivered:
		s.Status = Delivered
	default:
		panic(fmt.Sprintf("unknown event %T", e))
	}
	s.Call = Call{}
	s.Version++
	return s
}

func (s Shipment) applyHeard(e Event) Shipment {
	switch e := e.(type) {
	case Opened:
		s.Opened, s.Customer, s.Address, s.Erased = true, e.Order.Customer, e.Order.Address, e.Order.Erased
	case OrderPaid:
		s.Paid = true
	case OrderCancelled:
		s.CalledOff = true
	case OrderFulfilled:
		s.Fulfilled = true
	case CustomerErased:
		s.Erased = true
	}
	return s
}

func (s Shipment) applyCall(e Event) Shipment {
	switch e := e.(type) {
	case CallIntended:
		s.Call = Call{Operation: e.Operation, DueAt: e.At}
		if e.Operation == Cancel && s.Status != Failed {
			s.Status = Cancelling
		}
	case CallTaken:
		s.Call.Attempts, s.Call.Tries, s.Call.DueAt = s.Call.Attempts+1, s.Call.Tries+1, e.At.Add(Lease)
		if s.Call.Operation == Book {
			s.Status = Booking
		}
	case AnswerLost:
		s.Call.DueAt = e.DueAt
	case CallRetried:
		s.Call.Tries, s.Call.Stalled, s.Call.DueAt = 0, false, e.At
	case CancelledInVain:
		s.Call = Call{}
	case StillUnderWay:
		s.Call.DueAt = e.At.Add(doubling(firstLook, longestLook, s.Call.Attempts))
	}
	return s
}
