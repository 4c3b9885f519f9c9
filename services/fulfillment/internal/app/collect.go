package app

import (
	"context"
	"time"

	"quadrille.dev/platform/event"
	"quadrille.dev/services/fulfillment/internal/pickup"
	"quadrille.dev/services/fulfillment/internal/shipment"
)

// Collection is something to ask of the carrier for a return, outside of any transaction.
type Collection struct {
	Return    pickup.ReturnID
	Order     shipment.OrderID
	Operation pickup.Operation
	// Address is where the goods are, as far as that has to be told.
	Address shipment.Address
	// Attempt is 1 when it is asked for the first time.
	Attempt int
	Origin  event.Origin
}

// Key is the same however often the call is made, so that it takes effect once.
func (c Collection) Key() string {
	if c.Operation == pickup.Collect {
		return "pickup-" + c.Return.String()
	}
	return "cancel-pickup-" + c.Return.String()
}

// TakeCollections takes what is due and is about to be asked. From then on it cannot be called off.
func TakeCollections(ctx context.Context, store Store, lane Lane, at time.Time, limit int) ([]Collection, error) {
	due, err := store.DuePickups(ctx, lane, at, limit)
	if err != nil {
		return nil, err
	}
	var taken []Collection
	for _, intent := range due {
		s, err := store.Look(ctx, intent.Pickup.Order)
		if err != nil {
			return nil, err
		}
		events := intent.Pickup.Take(pickup.Of(s), at)
		if len(events) == 0 {
			continue
		}
		intent.Pickup = intent.Pickup.Apply(events...)
		if err := store.SavePickup(intent.Origin.Continue(ctx), intent.Pickup, at, events...); err != nil {
			return nil, err
		}
		if pickup.Taken(events) {
			taken = append(taken, CollectionOf(intent, s.Address))
		}
	}
	return taken, nil
}

// CollectionOf is the call that a pick-up waits for.
func CollectionOf(intent PickupIntent, address shipment.Address) Collection {
	p := intent.Pickup
	call := Collection{Return: p.Return, Order: p.Order, Operation: p.Call.Operation, Attempt: p.Call.Attempts, Origin: intent.Origin}
	if call.Operation == pickup.Collect {
		call.Address = address
	}
	return call
}

// HearCollection stores the answer to a call.
func HearCollection(
	ctx context.Context, store Store, call Collection, answer Answer, patience shipment.Patience, at time.Time,
) error {
	return changePickup(ctx, store, call.Return, at, func(p pickup.Pickup) ([]pickup.Event, error) {
		switch {
		case call.Operation == pickup.Collect && answer.Outcome == Done:
			return p.Book(answer.TrackingNumber, at)
		case call.Operation == pickup.Collect && answer.Outcome == Refused:
			return p.Refuse(answer.Reason)
		case call.Operation == pickup.CancelPickup && answer.Outcome == Done:
			return p.CallOff()
		default:
			return p.Lose(call.Operation, patience, at), nil
		}
	})
}
