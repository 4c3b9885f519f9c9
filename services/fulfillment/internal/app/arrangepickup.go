package app

import (
	"context"
	"time"

	"quadrille.dev/platform/event"
	"quadrille.dev/services/fulfillment/internal/pickup"
	"quadrille.dev/services/fulfillment/internal/shipment"
)

// Asked is something asked for a return of an order's goods.
type Asked struct {
	Return pickup.ReturnID
	Order  shipment.OrderID
	// Asker is where the answer goes.
	Asker string
}

// ArrangePickup has the carrier collect the goods of a return where the order went. Nothing is done for who may have asked before the database
// was restored, and have called it off since: who still wants it asks again.
func ArrangePickup(ctx context.Context, store Store, asked Asked, at time.Time) error {
	return changePickup(ctx, store, asked.Return, at, func(p pickup.Pickup) ([]pickup.Event, error) {
		if event.MayRepeat(ctx) && p.Status == pickup.Unasked {
			return nil, nil
		}
		s, err := store.Look(ctx, asked.Order)
		if err != nil {
			return nil, err
		}
		if event.InDoubt(ctx) {
			return p.ArrangeInDoubt(asked.Order, asked.Asker, pickup.Of(s), at), nil
		}
		return p.Arrange(asked.Order, asked.Asker, pickup.Of(s), at), nil
	})
}

// changePickup stores what a decision leads to.
func changePickup(
	ctx context.Context, store Store, id pickup.ReturnID, at time.Time, decide func(pickup.Pickup) ([]pickup.Event, error),
) error {
	p, err := store.Pickup(ctx, id)
	if err != nil {
		return err
	}
	events, err := decide(p)
	if err != nil || len(events) == 0 {
		return err
	}
	return store.SavePickup(ctx, p.Apply(events...), at, events...)
}
