// Package app holds inventory's use cases: what it does, in its own words, over a store that it asks little of.
package app

import (
	"context"
	"time"

	"github.com/google/uuid"

	"quadrille.dev/platform/event"
	"quadrille.dev/services/inventory/internal/reservation"
	"quadrille.dev/services/inventory/internal/restock"
	"quadrille.dev/services/inventory/internal/stock"
)

// Store is inventory's state within one transaction.
type Store interface {
	// Reservation loads the reservation of an order, or makes an empty one, and locks it.
	Reservation(ctx context.Context, orderID uuid.UUID) (reservation.Reservation, error)
	// Available locks the stock of SKUs, in the order of the SKUs, and tells what can be promised. SKUs never received are left out.
	Available(ctx context.Context, skus []string) (map[string]int64, error)
	// Save stores a reservation, makes the movements of the events that led to it, and publishes them.
	Save(ctx context.Context, r reservation.Reservation, at time.Time, events ...reservation.Event) error

	// Levels locks the stock of SKUs, in the order of the SKUs, and tells how they are counted. SKUs never received are left out.
	Levels(ctx context.Context, skus []string) (map[string]stock.Level, error)
	// Restock loads the restock of a return, or makes an empty one, and locks it. Who locks the order's reservation does so before.
	Restock(ctx context.Context, returnID uuid.UUID) (restock.Restock, error)
	// SaveRestock stores a restock, makes the movements of the events that led to it, and publishes those that others hear of.
	SaveRestock(ctx context.Context, r restock.Restock, at time.Time, events ...restock.Event) error

	// Forget blots what waits to be handled and tells of an erased customer. Inventory itself knows of customers their ids alone.
	Forget(ctx context.Context, customer uuid.UUID) error

	// Level loads the level of a SKU, or makes an empty one, and locks it.
	Level(ctx context.Context, sku string) (stock.Level, error)
	// Received is the quantity of a SKU that was booked in under a reference; 0 for none.
	Received(ctx context.Context, sku, reference string) (int64, error)
	// Receive stores the level after goods were booked in, notes the reference, and publishes it.
	Receive(ctx context.Context, level stock.Level, received stock.Received, at time.Time) error
}

// Language puts what happened into the words that other contexts know. Stores are made with it.
type Language interface {
	Reservation(orderID uuid.UUID, sequence int64, e reservation.Event, at time.Time) event.Fact
	Restock(r restock.Restock, at time.Time, events []restock.Event) []event.Fact
	Stock(sequence int64, e stock.Received, at time.Time) event.Fact
}
