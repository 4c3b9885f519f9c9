package app

import (
	"context"
	"errors"
	"time"

	"quadrille.dev/services/fulfillment/internal/shipment"
)

// ErrUnknown is an order that fulfillment has not heard of.
var ErrUnknown = errors.New("no such order")

// Retry has a call that has stalled made at once. It answers whether that changed anything.
func Retry(ctx context.Context, store Store, order shipment.OrderID, step shipment.Step, at time.Time) (bool, error) {
	return operate(ctx, store, order, at, func(s shipment.Shipment) ([]shipment.Event, error) { return s.Retry(step, at) })
}

// Resolve ends a call that has stalled as an operator says. It answers whether that changed anything.
func Resolve(ctx context.Context, store Store, order shipment.OrderID, r shipment.Resolution, at time.Time) (bool, error) {
	return operate(ctx, store, order, at, func(s shipment.Shipment) ([]shipment.Event, error) { return s.Resolve(r, at) })
}

func operate(
	ctx context.Context, store Store, order shipment.OrderID, at time.Time,
	decide func(shipment.Shipment) ([]shipment.Event, error),
) (changed bool, err error) {
	err = change(ctx, store, order, at, func(s shipment.Shipment) ([]shipment.Event, error) {
		if !s.Opened {
			return nil, ErrUnknown
		}
		events, err := decide(s)
		changed = err == nil && len(events) > 0
		return events, err
	})
	return changed, err
}
