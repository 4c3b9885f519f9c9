package app

import (
	"context"
	"fmt"
	"time"

	"quadrille.dev/services/ordering/internal/order"
)

// StockRejection is the news that stock is too short for an order.
type StockRejection struct {
	Order   order.ID
	Missing []order.Shortage
}

// Refusal is the news that somebody outside refused, and why.
type Refusal struct {
	Order  order.ID
	Reason string
}

// HearStockRejected cancels an undecided order.
func HearStockRejected(ctx context.Context, store Store, rejection StockRejection, at time.Time) error {
	return hear(ctx, store, rejection.Order, at, func(o order.Order) []order.Event { return o.StockRejected(rejection.Missing) })
}

// HearStockDeducted fulfils an undecided order.
func HearStockDeducted(ctx context.Context, store Store, id order.ID, at time.Time) error {
	return hear(ctx, store, id, at, order.Order.StockDeducted)
}

// HearStockReleased records that the reservation was given up.
func HearStockReleased(ctx context.Context, store Store, id order.ID, at time.Time) error {
	return hear(ctx, store, id, at, order.Order.StockReleased)
}

// HearStockReinstated records that deducted goods were put back.
func HearStockReinstated(ctx context.Context, store Store, id order.ID, at time.Time) error {
	return hear(ctx, store, id, at, order.Order.StockReinstated)
}

// HearPaymentDeclined cancels an undecided order.
func HearPaymentDeclined(ctx context.Context, store Store, refusal Refusal, at time.Time) error {
	return hear(ctx, store, refusal.Order, at, func(o order.Order) []order.Event { return o.PaymentDeclined(refusal.Reason) })
}

// HearPaymentVoided records that nothing will be charged.
func HearPaymentVoided(ctx context.Context, store Store, id order.ID, at time.Time) error {
	return hear(ctx, store, id, at, order.Order.PaymentVoided)
}

// HearPaymentRefunded records that the money went back.
func HearPaymentRefunded(ctx context.Context, store Store, id order.ID, at time.Time) error {
	return hear(ctx, store, id, at, order.Order.PaymentRefunded)
}

// HearShipmentFailed cancels an undecided order.
func HearShipmentFailed(ctx context.Context, store Store, refusal Refusal, at time.Time) error {
	return hear(ctx, store, refusal.Order, at, func(o order.Order) []order.Event { return o.ShipmentFailed(refusal.Reason) })
}

// HearShipmentCancelled records that no parcel goes.
func HearShipmentCancelled(ctx context.Context, store Store, id order.ID, at time.Time) error {
	return hear(ctx, store, id, at, order.Order.ShipmentCancelled)
}

// hear has an order react to a fact. An order that was never placed is the impossible: nothing is said of an order before its
// placing is committed.
func hear(ctx context.Context, store Store, id order.ID, at time.Time, react func(order.Order) []order.Event) error {
	o, err := store.Order(ctx, id)
	if err != nil {
		return fmt.Errorf("load order %s: %w", id, err)
	}
	if err := store.Save(ctx, o, at, react(o)...); err != nil {
		return fmt.Errorf("save order %s: %w", id, err)
	}
	return nil
}
