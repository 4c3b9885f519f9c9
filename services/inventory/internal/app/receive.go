package app

import (
	"context"
	"errors"
	"time"

	"quadrille.dev/services/inventory/internal/stock"
)

// Delivery is goods that came in with a delivery note.
type Delivery struct {
	SKU       string
	Quantity  int64
	Reference string
}

// ErrReferenceConflict refuses a delivery note that was booked in with another quantity.
var ErrReferenceConflict = errors.New("reference used with another quantity")

// Receive books a delivery in, once for each SKU and reference, and answers the level. ErrReferenceConflict and stock.ErrFull
// refuse it.
func Receive(ctx context.Context, store Store, delivery Delivery, at time.Time) (stock.Level, error) {
	level, err := store.Level(ctx, delivery.SKU)
	if err != nil {
		return stock.Level{}, err
	}
	booked, err := store.Received(ctx, delivery.SKU, delivery.Reference)
	switch {
	case err != nil:
		return stock.Level{}, err
	case booked == delivery.Quantity:
		return level, nil
	case booked != 0:
		return stock.Level{}, ErrReferenceConflict
	}
	received, err := level.Receive(delivery.Quantity, delivery.Reference)
	if err != nil {
		return stock.Level{}, err
	}
	return level, store.Receive(ctx, level, received, at)
}
