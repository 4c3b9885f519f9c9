package acl

import (
	"context"

	"github.com/google/uuid"

	"quadrille.dev/services/inventory/internal/app"
)

// expecting is a store that can lock all that facts need at once.
type expecting interface {
	Expect(ctx context.Context, orders []uuid.UUID, skus []string) error
}

// expectPlaced has reservations and stock be locked for orders that were placed.
func expectPlaced(ctx context.Context, store app.Store, placed []app.Order) error {
	able, is := store.(expecting)
	if !is {
		return nil
	}
	orders := make([]uuid.UUID, len(placed))
	var skus []string
	for i, order := range placed {
		orders[i] = order.ID
		for _, line := range order.Lines {
			skus = append(skus, line.SKU)
		}
	}
	return able.Expect(ctx, orders, skus)
}

// expect has the reservations of orders be locked of which something was heard.
func expect(ctx context.Context, store app.Store, orders []uuid.UUID) error {
	if able, is := store.(expecting); is {
		return able.Expect(ctx, orders, nil)
	}
	return nil
}
