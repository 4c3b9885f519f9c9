package app

import (
	"context"
	"time"

	"github.com/google/uuid"

	"quadrille.dev/services/inventory/internal/reservation"
	"quadrille.dev/services/inventory/internal/restock"
)

// Told is what inventory said of an order, before its database was restored from a backup.
type Told struct {
	OrderID uuid.UUID
	Event   reservation.Event
}

// Recall brings a reservation to where inventory said that it is. It fails for as long as goods that came in or were set free before
// have not been recalled.
func Recall(ctx context.Context, store Store, told Told, at time.Time) error {
	r, err := store.Reservation(ctx, told.OrderID)
	if err != nil {
		return err
	}
	events := r.Recall(told.Event)
	return store.Save(ctx, r, at, events...)
}

// ToldOfReturn is what inventory said of a return, before its database was restored from a backup.
type ToldOfReturn struct {
	ReturnID, OrderID uuid.UUID
	Event             restock.Event
}

// RecallRestock brings a restock to where inventory said that it is. It fails for as long as the goods have not been recalled to be where
// they were then.
func RecallRestock(ctx context.Context, store Store, told ToldOfReturn, at time.Time) error {
	r, k, err := returned(ctx, store, told.OrderID, told.ReturnID)
	if err != nil {
		return err
	}
	events, err := k.Recall(told.Event)
	if err != nil {
		return err
	}
	return settle(ctx, store, r, k, at, events)
}

// RecallDelivery books goods in that inventory said have come.
func RecallDelivery(ctx context.Context, store Store, delivery Delivery, at time.Time) error {
	_, err := Receive(ctx, store, delivery, at)
	return err
}
