// Package app holds catalog's use cases.
package app

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"quadrille.dev/services/catalog/internal/product"
)

// Store is catalog's state within one transaction.
type Store interface {
	// Product loads a product and locks it; ErrNotFound when there is none.
	Product(ctx context.Context, id uuid.UUID) (product.Product, error)
	// Add stores a new product and publishes it; ErrSKUTaken when its SKU was ever listed.
	Add(ctx context.Context, p product.Product, at time.Time, listed product.Event) error
	// Save stores a product and publishes what happened to it.
	Save(ctx context.Context, p product.Product, at time.Time, events ...product.Event) error
}

// What a store may answer.
var (
	ErrNotFound = errors.New("no such product")
	ErrSKUTaken = errors.New("SKU already listed")
)
