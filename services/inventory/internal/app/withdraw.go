package app

import (
	"context"
	"time"

	"quadrille.dev/services/inventory/internal/restock"
	"quadrille.dev/services/inventory/internal/stock"
)

// Withdraw takes the goods of a return out of stock again, or has them never come back.
func Withdraw(ctx context.Context, store Store, asked Asked, at time.Time) error {
	r, k, err := returned(ctx, store, asked.OrderID, asked.ReturnID)
	if err != nil {
		return err
	}
	var levels map[string]stock.Level
	if k.Status == restock.Back {
		if levels, err = store.Levels(ctx, skus(k.Lines)); err != nil {
			return err
		}
	}
	return settle(ctx, store, r, k, at, k.TakeOut(asked.OrderID, levels, asked.Asker))
}
