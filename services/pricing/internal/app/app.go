// Package app holds pricing's use cases.
package app

import (
	"context"
	"time"

	"quadrille.dev/services/pricing/internal/pricelist"
)

// Store is pricing's state within one transaction.
type Store interface {
	// Price loads the price of a SKU, or makes an empty one, and locks it.
	Price(ctx context.Context, sku string) (pricelist.Price, error)
	// TierDiscounts reads what customers of each tier get off.
	TierDiscounts(ctx context.Context) (pricelist.TierDiscounts, error)
	// Save stores a price and publishes its change.
	Save(ctx context.Context, price pricelist.Price, changed pricelist.Changed) error
	// AddPromotion stores a promotion; it answers false when the code was ever used.
	AddPromotion(ctx context.Context, promotion pricelist.Promotion) (bool, error)
}

// Reader reads price lists.
type Reader interface {
	// List reads the prices of SKUs, what tiers get off, and those of the promotions that are running.
	List(ctx context.Context, skus, codes []string, at time.Time) (pricelist.List, error)
}
