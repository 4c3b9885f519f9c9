package app

import (
	"context"
	"time"

	"quadrille.dev/platform/event"
	"quadrille.dev/services/fulfillment/internal/shipment"
)

// Call is something to ask of the carrier, outside of any transaction.
type Call struct {
	Order     shipment.OrderID
	Operation shipment.Operation
	// Address is where to book for, TrackingNumber is what the other operations are about.
	Address        shipment.Address
	TrackingNumber string
	// Attempt is 1 when it is asked for the first time.
	Attempt int
	Origin  event.Origin
}

// Key is the same however often the call is made, so that it takes effect once.
func (c Call) Key() string { return string(c.Operation) + "-" + c.Order.String() }

// Take takes what is due and is about to be asked. From then on it cannot be called off.
func Take(ctx context.Context, store Store, lane Lane, at time.Time, limit int) ([]Call, error) {
	due, err := store.Due(ctx, lane, at, limit)
	if err != nil {
		return nil, err
	}
	var calls []Call
	for _, intent := range due {
		events := intent.Shipment.Take(at)
		if len(events) == 0 {
			continue
		}
		intent.Shipment = intent.Shipment.Apply(events...)
		if err := store.Save(ctx, intent.Shipment, at, events...); err != nil {
			return nil, err
		}
		calls = append(calls, CallOf(intent))
	}
	return calls, nil
}

// CallOf is the call that a shipment waits for.
func CallOf(intent Intent) Call {
	s := intent.Shipment
	return Call{
		Order: s.Order, Operation: s.Call.Operation, Address: s.Address, TrackingNumber: s.TrackingNumber,
		Attempt: s.Call.Attempts, Origin: intent.Origin,
	}
}
