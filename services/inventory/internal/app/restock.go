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

// Asked is something asked for a return.
type Asked struct {
	ReturnID, OrderID uuid.UUID
	// Lines are what is to come back, each SKU once.
	Lines []stock.Line
	// Asker is where the answer goes.
	Asker string
}

// Restock takes the goods of a return back into stock, if they are with the customer. Nothing is done for who may have asked before the
// database was restored, and have been refused, or called it off since: who still wants it asks again.
func Restock(ctx context.Context, store Store, asked Asked, at time.Time) error {
	r, k, err := returned(ctx, store, asked.OrderID, asked.ReturnID)
	if err != nil {
		return err
	}
	if event.MayRepeat(ctx) && k.Undecided() {
		return nil
	}
	var levels map[string]stock.Level
	if k.Undecided() {
		if levels, err = store.Levels(ctx, skus(asked.Lines)); err != nil {
			return err
		}
	}
	goods := restock.Goods{OrderID: asked.OrderID, Lines: asked.Lines}
	return settle(ctx, store, r, k, at, k.PutBack(goods, r.Out(), levels, asked.Asker))
}

// returned locks the reservation of an order, which all its returns have in common, and the restock of one of them.
func returned(
	ctx context.Context, store Store, orderID, returnID uuid.UUID,
) (r reservation.Reservation, k *restock.Restock, err error) {
	if r, err = store.Reservation(ctx, orderID); err != nil {
		return r, nil, err
	}
	loaded, err := store.Restock(ctx, returnID)
	return r, &loaded, err
}

// settle stores what the events of a restock lead to.
func settle(
	ctx context.Context, store Store, r reservation.Reservation, k *restock.Restock, at time.Time, events []restock.Event,
) error {
	for _, e := range events {
		switch e := e.(type) {
		case restock.GoodsReturned:
			r.TakeBack(e.Lines)
		case restock.GoodsWithdrawn:
			r.GiveOut(e.Lines)
		default:
			continue
		}
		if err := store.Save(ctx, r, at); err != nil {
			return err
		}
	}
	return store.SaveRestock(ctx, *k, at, events...)
}

func skus(lines []stock.Line) []string {
	skus := make([]string, len(lines))
	for i, line := range lines {
		skus[i] = line.SKU
	}
	return skus
}
