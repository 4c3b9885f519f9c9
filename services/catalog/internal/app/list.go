package app

import (
	"context"
	"time"

	"github.com/google/uuid"

	"quadrille.dev/services/catalog/internal/product"
)

// List puts a product on sale; ErrSKUTaken refuses it.
func List(
	ctx context.Context, store Store, id uuid.UUID, sku string, details product.Details, at time.Time,
) (product.Product, error) {
	p, listed := product.List(id, sku, details)
	if err := store.Add(ctx, p, at, listed); err != nil {
		return product.Product{}, err
	}
	return p, nil
}
