package pickup

import (
	"fmt"
	"time"
)

// Book hears that the carrier will come. If it was called off meanwhile, the carrier is told not to.
func (p Pickup) Book(number string, at time.Time) ([]Event, error) {
	switch p.Status {
	case Booking:
		events := []Event{CollectionBooked{number}}
		if p.CalledOff {
			events = append(events, CallIntended{Operation: CancelPickup, At: at})
		}
		return p.answering(events), nil
	case Cancelling, Cancelled:
		if p.Number == "" || p.Number == number {
			return nil, nil
		}
	case Booked:
		if p.Number == number {
			return nil, nil
		}
	case Refused:
		if p.Reason == addressNotKnown { // and the carrier was told not to come
			return nil, nil
		}
	case Unasked, Pending:
	}
	return nil, p.contradicted("booked")
}

// Refuse hears that the carrier will not come.
func (p Pickup) Refuse(reason string) ([]Event, error) {
	switch p.Status {
	case Booking:
		return p.answering([]Event{CollectionRefused{reason}}), nil
	case Refused, Cancelling, Cancelled:
		return nil, nil
	case Unasked, Pending, Booked:
	}
	return nil, p.contradicted("refused")
}

// CallOff hears that the carrier does not come, whatever it was asked for.
func (p Pickup) CallOff() ([]Event, error) {
	switch p.Status {
	case Cancelling:
		if p.CalledOff {
			return p.answering([]Event{CollectionCancelled{}}), nil
		}
		return p.answering([]Event{CollectionRefused{addressNotKnown}}), nil
	case Refused, Cancelled:
		return nil, nil
	case Unasked, Pending, Booking, Booked:
	}
	return nil, p.contradicted("cancelled by the carrier")
}

func (p Pickup) contradicted(by string) error {
	return fmt.Errorf("%s while %s: %w", by, p.Status, ErrContradiction)
}
