package memory

import (
	"cmp"
	"context"
	"slices"
	"time"

	"quadrille.dev/platform/event"
	"quadrille.dev/services/fulfillment/internal/app"
	"quadrille.dev/services/fulfillment/internal/pickup"
	"quadrille.dev/services/fulfillment/internal/shipment"
)

// Look answers the shipment of an order, a new one if there is none.
func (s *Shipments) Look(ctx context.Context, order shipment.OrderID) (shipment.Shipment, error) {
	return s.Shipment(ctx, order)
}

// Pickup answers the pick-up of a return, a new one if there is none.
func (s *Shipments) Pickup(_ context.Context, id pickup.ReturnID) (pickup.Pickup, error) {
	if known, ok := s.pickups[id]; ok {
		return known.Pickup, nil
	}
	return pickup.New(id), nil
}

// SavePickup stores a pick-up and publishes what others hear of the events.
func (s *Shipments) SavePickup(ctx context.Context, p pickup.Pickup, at time.Time, events ...pickup.Event) error {
	stored := app.PickupIntent{Pickup: p, Origin: s.pickups[p.Return].Origin}
	if p.Call.Operation != pickup.NoOperation && p.Call.Attempts == 0 {
		stored.Origin = event.OriginOf(ctx)
	}
	s.pickups[p.Return] = stored
	for _, fact := range s.language.Pickup(p, at, events) {
		s.published = append(s.published, event.New(ctx, fact))
	}
	return nil
}

// DuePickups answers pick-ups with a call of the lane that is due.
func (s *Shipments) DuePickups(_ context.Context, lane app.Lane, at time.Time, limit int) ([]app.PickupIntent, error) {
	due := s.collections(func(call pickup.Call) bool { return app.LaneOf(call) == lane && !call.DueAt.After(at) })
	return due[:min(limit, len(due))], nil
}

// AskedToCollect answers the pick-ups whose call is handed over and not answered, with where the goods are.
func (s *Shipments) AskedToCollect() []app.Collection {
	var calls []app.Collection
	for _, intent := range s.collections(func(call pickup.Call) bool { return call.Attempts > 0 }) {
		calls = append(calls, app.CollectionOf(intent, s.intents[intent.Pickup.Order].Shipment.Address))
	}
	return calls
}

// collections answers pick-ups by their call, the longest due first.
func (s *Shipments) collections(which func(pickup.Call) bool) []app.PickupIntent {
	var found []app.PickupIntent
	for _, intent := range s.pickups {
		if call := intent.Pickup.Call; call.Operation != pickup.NoOperation && which(call) {
			found = append(found, intent)
		}
	}
	slices.SortFunc(found, func(x, y app.PickupIntent) int {
		return cmp.Or(x.Pickup.Call.DueAt.Compare(y.Pickup.Call.DueAt), slices.Compare(x.Pickup.Return.UUID[:], y.Pickup.Return.UUID[:]))
	})
	return found
}
