// Package memory keeps fulfillment's shipments in memory, for exploration and for fast tests.
package memory

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"quadrille.dev/platform/event"
	"quadrille.dev/platform/testkit"
	"quadrille.dev/services/fulfillment/internal/app"
	"quadrille.dev/services/fulfillment/internal/pickup"
	"quadrille.dev/services/fulfillment/internal/shipment"
)

// Shipments is all that fulfillment knows, pick-ups included.
type Shipments struct {
	language  app.Language
	intents   map[shipment.OrderID]app.Intent
	pickups   map[pickup.ReturnID]app.PickupIntent
	erased    map[shipment.CustomerID]bool
	published []event.Envelope
}

// New knows nothing.
func New(language app.Language) *Shipments {
	return &Shipments{
		language: language, intents: map[shipment.OrderID]app.Intent{}, pickups: map[pickup.ReturnID]app.PickupIntent{},
		erased: map[shipment.CustomerID]bool{},
	}
}

// Store is the shipments themselves.
func (s *Shipments) Store() app.Store { return s }

// Clone is a deep copy.
func (s *Shipments) Clone() testkit.Memory[app.Store] {
	return &Shipments{
		language: s.language, intents: maps.Clone(s.intents), pickups: maps.Clone(s.pickups), erased: maps.Clone(s.erased),
		published: slices.Clone(s.published),
	}
}

// State is every shipment and pick-up, and who is erased.
func (s *Shipments) State() any {
	return struct {
		Intents map[shipment.OrderID]app.Intent
		Pickups map[pickup.ReturnID]app.PickupIntent
		Erased  map[shipment.CustomerID]bool
	}{s.intents, s.pickups, s.erased}
}

// Essence leaves out what a call came from: it is told with the facts that follow, for people to read.
func (s *Shipments) Essence() any {
	shipments := map[shipment.OrderID]shipment.Shipment{}
	for id, intent := range s.intents {
		shipments[id] = intent.Shipment
	}
	pickups := map[pickup.ReturnID]pickup.Pickup{}
	for id, intent := range s.pickups {
		pickups[id] = intent.Pickup
	}
	return struct {
		Shipments map[shipment.OrderID]shipment.Shipment
		Pickups   map[pickup.ReturnID]pickup.Pickup
		Erased    map[shipment.CustomerID]bool
	}{shipments, pickups, s.erased}
}

// Published answers the facts published since it was last called.
func (s *Shipments) Published() []event.Envelope {
	published := s.published
	s.published = nil
	return published
}

// Shipment answers the shipment of an order, a new one if there is none.
func (s *Shipments) Shipment(_ context.Context, order shipment.OrderID) (shipment.Shipment, error) {
	if known, ok := s.intents[order]; ok {
		return known.Shipment, nil
	}
	return shipment.New(order), nil
}

// Save stores a shipment and publishes what others hear of the events.
func (s *Shipments) Save(ctx context.Context, p shipment.Shipment, at time.Time, events ...shipment.Event) error {
	stored := app.Intent{Shipment: p, Origin: s.intents[p.Order].Origin}
	if p.Call.Operation != shipment.NoOperation && p.Call.Attempts == 0 {
		stored.Origin = event.OriginOf(ctx)
	}
	s.intents[p.Order] = stored
	for _, fact := range s.language.Shipment(p, at, events) {
		s.published = append(s.published, event.New(ctx, fact))
	}
	return nil
}

// Forget remembers that a customer is erased, and answers their orders.
func (s *Shipments) Forget(_ context.Context, customer shipment.CustomerID) ([]shipment.OrderID, error) {
	s.erased[customer] = true
	var orders []shipment.OrderID
	for order, intent := range s.intents {
		if intent.Shipment.Opened && intent.Shipment.Customer == customer {
			orders = append(orders, order)
		}
	}
	slices.SortFunc(orders, func(x, y shipment.OrderID) int { return slices.Compare(x.UUID[:], y.UUID[:]) })
	return orders, nil
}

// Forgotten tells whether a customer is erased.
func (s *Shipments) Forgotten(_ context.Context, customer shipment.CustomerID) (bool, error) {
	return s.erased[customer], nil
}

// Due answers shipments with a call of the lane that is due.
func (s *Shipments) Due(_ context.Context, lane app.Lane, at time.Time, limit int) ([]app.Intent, error) {
	due := s.waiting(func(call shipment.Call) bool { return app.Of(call) == lane && !call.DueAt.After(at) })
	return due[:min(limit, len(due))], nil
}

// Asked answers the shipments whose call is handed over and not answered.
func (s *Shipments) Asked() []app.Intent {
	return s.waiting(func(call shipment.Call) bool { return call.Attempts > 0 })
}

// waiting answers shipments by their call, the longest due first.
func (s *Shipments) waiting(which func(shipment.Call) bool) []app.Intent {
	var found []app.Intent
	for _, intent := range s.intents {
		if call := intent.Shipment.Call; call.Operation != shipment.NoOperation && which(call) {
			found = append(found, intent)
		}
	}
	slices.SortFunc(found, func(x, y app.Intent) int {
		return cmp.Or(x.Shipment.Call.DueAt.Compare(y.Shipment.Call.DueAt),
			slices.Compare(x.Shipment.Order.UUID[:], y.Shipment.Order.UUID[:]))
	})
	return found
}
