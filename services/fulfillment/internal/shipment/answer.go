package shipment

import (
	"fmt"
	"time"
)

// Arrange hears that the carrier will come. If the order was cancelled meanwhile, it is told not to; so it is, and nobody else hears of
// it, if an operator has said before that the carrier refused.
func (s Shipment) Arrange(carrier, trackingNumber string, at time.Time) ([]Event, error) {
	switch s.Status {
	case Booking:
		if s.CalledOff {
			return []Event{BookedInVain{carrier, trackingNumber}, CallIntended{Operation: Cancel, At: at}}, nil
		}
		events := []Event{ParcelArranged{carrier, trackingNumber}}
		if s.Fulfilled {
			events = append(events, CallIntended{Operation: HandOver, At: at})
		}
		return events, nil
	case Arranged, Cancelling, Cancelled, Dispatched, Delivered:
		if s.TrackingNumber == trackingNumber {
			return nil, nil
		}
	case Failed:
		if s.TrackingNumber == trackingNumber {
			return nil, nil
		}
		if s.Stated && s.TrackingNumber == "" {
			return []Event{BookedInVain{carrier, trackingNumber}, CallIntended{Operation: Cancel, At: at}}, nil
		}
	case Pending:
	}
	return nil, s.contradicted("booked")
}

// Fail hears that the carrier will not come.
func (s Shipment) Fail(reason string) ([]Event, error) {
	switch s.Status {
	case Booking:
		return []Event{ParcelFailed{reason}}, nil
	case Failed:
		return nil, nil
	case Pending, Arranged, Cancelling, Cancelled, Dispatched, Delivered:
	}
	return nil, s.contradicted("refused")
}

// CallOff hears that the carrier does not come any more.
func (s Shipment) CallOff() ([]Event, error) {
	switch s.Status {
	case Cancelling:
		return []Event{ParcelCancelled{}}, nil
	case Cancelled:
		return nil, nil
	case Failed:
		if s.Call.Operation == Cancel {
			return []Event{CancelledInVain{}}, nil
		}
		if s.TrackingNumber != "" {
			return nil, nil
		}
	case Pending, Booking, Arranged, Dispatched, Delivered:
	}
	return nil, s.contradicted("cancelled by the carrier")
}

// Dispatch hears that the carrier has the parcel.
func (s Shipment) Dispatch(at time.Time) ([]Event, error) {
	switch s.Status {
	case Arranged:
		if s.Fulfilled {
			dispatched := ParcelDispatched{s.Carrier, s.TrackingNumber}
			return []Event{dispatched, CallIntended{Operation: Track, At: at.Add(firstLook)}}, nil
		}
	case Dispatched, Delivered:
		return nil, nil
	case Pending, Booking, Failed, Cancelling, Cancelled:
	}
	return nil, s.contradicted("handed over")
}

// Deliver hears that the parcel has arrived.
func (s Shipment) Deliver() ([]Event, error) {
	switch s.Status {
	case Dispatched:
		return []Event{ParcelDelivered{s.TrackingNumber}}, nil
	case Delivered:
		return nil, nil
	case Pending, Booking, Arranged, Failed, Cancelling, Cancelled:
	}
	return nil, s.contradicted("delivered")
}

// Wait hears that the parcel is still under way. The longer it takes, the less often it is asked for.
func (s Shipment) Wait(at time.Time) []Event {
	if s.Call.Operation != Track || s.Call.Attempts == 0 {
		return nil
	}
	return []Event{StillUnderWay{At: at}}
}

func (s Shipment) contradicted(by string) error {
	return fmt.Errorf("%s while %s: %w", by, s.Status, ErrContradiction)
}
