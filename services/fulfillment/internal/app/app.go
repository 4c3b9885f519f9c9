// Package app is what fulfillment does: one use case per file, each within one transaction of the store.
package app

import (
	"context"
	"time"

	"quadrille.dev/platform/event"
	"quadrille.dev/services/fulfillment/internal/pickup"
	"quadrille.dev/services/fulfillment/internal/shipment"
)

// Store holds the shipments and the pick-ups, within one transaction. Who locks both locks a pick-up first.
type Store interface {
	// Shipment answers the shipment of an order, a new one if there is none, and locks it.
	Shipment(ctx context.Context, order shipment.OrderID) (shipment.Shipment, error)
	// Save stores a shipment as it is after the events, and publishes those that others hear of.
	Save(ctx context.Context, s shipment.Shipment, at time.Time, events ...shipment.Event) error
	// Forget remembers that a customer is erased, and answers which orders are theirs.
	Forget(ctx context.Context, customer shipment.CustomerID) ([]shipment.OrderID, error)
	// Forgotten tells whether a customer is erased. Nobody can be until the transaction ends.
	Forgotten(ctx context.Context, customer shipment.CustomerID) (bool, error)
	// Due answers and locks shipments with a call of the lane that is due, the longest due first. It passes over those that
	// are locked.
	Due(ctx context.Context, lane Lane, at time.Time, limit int) ([]Intent, error)

	// Look answers the shipment of an order as it is, a new one if there is none, and locks nothing.
	Look(ctx context.Context, order shipment.OrderID) (shipment.Shipment, error)
	// Pickup answers the pick-up of a return, a new one if there is none, and locks it.
	Pickup(ctx context.Context, id pickup.ReturnID) (pickup.Pickup, error)
	// SavePickup stores a pick-up as it is after the events, and publishes those that others hear of.
	SavePickup(ctx context.Context, p pickup.Pickup, at time.Time, events ...pickup.Event) error
	// DuePickups is Due of pick-ups.
	DuePickups(ctx context.Context, lane Lane, at time.Time, limit int) ([]PickupIntent, error)
}

// Language puts what happened into the words that other contexts know. Stores are made with it.
type Language struct {
	Shipment func(s shipment.Shipment, at time.Time, events []shipment.Event) []event.Fact
	Pickup   func(p pickup.Pickup, at time.Time, events []pickup.Event) []event.Fact
}

// Intent is a shipment that has something to ask, and what the intention came from.
type Intent struct {
	Shipment shipment.Shipment
	Origin   event.Origin
}

// PickupIntent is a pick-up that has something to ask, and what the intention came from.
type PickupIntent struct {
	Pickup pickup.Pickup
	Origin event.Origin
}

// Lane keeps calls that have gone wrong, and looking after parcels, from holding up what has not been tried.
type Lane int

// The lanes.
const (
	First Lane = iota
	Again
	Tracking
)

// Of is the lane of a call.
func Of(call shipment.Call) Lane {
	switch {
	case call.Operation == shipment.Track:
		return Tracking
	case call.Attempts == 0:
		return First
	default:
		return Again
	}
}

// LaneOf is the lane of a pick-up's call.
func LaneOf(call pickup.Call) Lane {
	if call.Attempts == 0 {
		return First
	}
	return Again
}

// change stores what a decision leads to. A call that it intends, and that may have been made before, counts as made; another is taken at
// once if a worker waits for it.
func change(
	ctx context.Context, store Store, order shipment.OrderID, at time.Time,
	decide func(shipment.Shipment) ([]shipment.Event, error),
) error {
	s, err := store.Shipment(ctx, order)
	if err != nil {
		return err
	}
	events, err := decide(s)
	if err == nil && event.InDoubt(ctx) {
		events = append(events, s.Apply(events...).Doubt(at)...)
	}
	if err != nil || len(events) == 0 {
		return err
	}
	after := s.Apply(events...)
	if taken := takeAtOnce(ctx, store, after, at, events); len(taken) > 0 {
		after, events = after.Apply(taken...), append(events, taken...)
	}
	return store.Save(ctx, after, at, events...)
}
