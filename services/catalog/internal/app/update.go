package app

import (
	"context"
	"time"

	"github.com/google/uuid"

	"quadrille.dev/services/catalog/internal/product"
)

// Update changes what is said of a product to what revise makes of it; an error of revise refuses it, as does ErrNotFound.
func Update(
	ctx context.Context, store Store, id uuid.UUID, revise func(product.Details) (product.Details, error), at time.Time,
) (product.Product, error) {
	p, err := store.Product(ctx, id)
	if err != nil {
		return product.Product{}, err
	}
	revised, err := revise(p.Details)
	if err != nil {
		return product.Product{}, err
	}
	events := p.Update(revised)
	return p, store.Save(ctx, p, at, events...)
}
