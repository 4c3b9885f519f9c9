package app

import (
	"context"
	"time"

	"quadrille.dev/services/fulfillment/internal/shipment"
)

// Told is what fulfillment said of an order, before its database was restored from a backup.
type Told struct {
	Order shipment.OrderID
	Event shipment.Event
}

// Recall brings a shipment to where fulfillment said that it is.
func Recall(ctx context.Context, store Store, told Told, at time.Time) error {
	return change(ctx, store, told.Order, at, func(s shipment.Shipment) ([]shipment.Event, error) {
		return s.Recall(told.Event, at), nil
	})
}

// Doubt has calls that were intended, and may have been made before the database was restored, count as made, and answers how many it
// found.
func Doubt(ctx context.Context, store Store, at time.Time, limit int) (found int, err error) {
	shipments, err := doubtShipments(ctx, store, at, limit)
	if err != nil {
		return 0, err
	}
	pickups, err := doubtPickups(ctx, store, at, limit)
	return shipments + pickups, err
}

func doubtPickups(ctx context.Context, store Store, at time.Time, limit int) (found int, err error) {
	due, err := store.DuePickups(ctx, First, at, limit)
	if err != nil {
		return 0, err
	}
	for _, intent := range due {
		p, events := intent.Pickup, intent.Pickup.Doubt(at)
		if err := store.SavePickup(ctx, p.Apply(events...), at, events...); err != nil {
			return 0, err
		}
	}
	return len(due), nil
}

func doubtShipments(ctx context.Context, store Store, at time.Time, limit int) (found int, err error) {
	due, err := store.Due(ctx, First, at, limit)
	if err != nil {
		return 0, err
	}
	for _, intent := range due {
		s, events := intent.Shipment, intent.Shipment.Doubt(at)
		if err := store.Save(ctx, s.Apply(events...), at, events...); err != nil {
			return 0, err
		}
	}
	return len(due), nil
}
