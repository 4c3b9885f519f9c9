package app

import (
	"context"
	"time"

	"quadrille.dev/platform/money"
	"quadrille.dev/services/pricing/internal/pricelist"
)

// Change sets the list price of a SKU and answers it.
func Change(ctx context.Context, store Store, sku string, list money.Money, at time.Time) (pricelist.Price, error) {
	price, err := store.Price(ctx, sku)
	if err != nil {
		return pricelist.Price{}, err
	}
	off, err := store.TierDiscounts(ctx)
	if err != nil {
		return pricelist.Price{}, err
	}
	for _, changed := range price.Change(list, off, at) {
		if err := store.Save(ctx, price, changed); err != nil {
			return pricelist.Price{}, err
		}
	}
	return price, nil
}
