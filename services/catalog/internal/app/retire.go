package app

import (
	"context"
	"time"

	"github.com/google/uuid"

	"quadrille.dev/services/catalog/internal/product"
)

// Retire takes a product off sale for ever; ErrNotFound refuses it.
func Retire(ctx context.Context, store Store, id uuid.UUID, at time.Time) (product.Product, error) {
	p, err := store.Product(ctx, id)
	if err != nil {
		return product.Product{}, err
	}
	events := p.Retire()
	return p, store.Save(ctx, p, at, events...)
}
