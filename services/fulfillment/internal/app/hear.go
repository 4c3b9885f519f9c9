package app

import (
	"context"
	"time"

	"quadrille.dev/services/fulfillment/internal/shipment"
)

// Answer is what the carrier said to a call.
type Answer struct {
	Outcome Outcome
	// Carrier and TrackingNumber are of what was booked.
	Carrier        string
	TrackingNumber string
	// Reason is why it refused, or why its answer is lost.
	Reason string
}

// Outcome is how a call ended.
type Outcome int

// The outcomes. After Lost nobody knows whether the carrier did it.
const (
	Lost Outcome = iota
	Done
	// Refused is the answer to a booking that cannot be, and to looking after a parcel that has not arrived. Where refusing makes
	// no sense it counts as Lost.
	Refused
)

// Hear stores the answer to a call.
func Hear(ctx context.Context, store Store, call Call, answer Answer, patience shipment.Patience, at time.Time) error {
	return change(ctx, store, call.Order, at, func(s shipment.Shipment) ([]shipment.Event, error) {
		return follow(s, call.Operation, answer, patience, at)
	})
}

func follow(
	s shipment.Shipment, operation shipment.Operation, answer Answer, patience shipment.Patience, at time.Time,
) ([]shipment.Event, error) {
	switch {
	case operation == shipment.Book && answer.Outcome == Done:
		return s.Arrange(answer.Carrier, answer.TrackingNumber, at)
	case operation == shipment.Book && answer.Outcome == Refused:
		return s.Fail(answer.Reason)
	case operation == shipment.Cancel && answer.Outcome == Done:
		return s.CallOff()
	case operation == shipment.HandOver && answer.Outcome == Done:
		return s.Dispatch(at)
	case operation == shipment.Track && answer.Outcome == Done:
		return s.Deliver()
	case operation == shipment.Track && answer.Outcome == Refused:
		return s.Wait(at), nil
	default:
		return s.Lose(operation, answer.Reason, patience, at), nil
	}
}
