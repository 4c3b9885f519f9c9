package acl

import (
	"context"

	"github.com/google/uuid"

	"quadrille.dev/platform/event"
	"quadrille.dev/services/inventory/internal/app"
)

// expecting is a store that can lock all that facts need at once.
type expecting interface {
	Expect(ctx context.Context, orders []uuid.UUID, skus []string) error
}

// expectPlaced has reservations and stock be locked for orders that were placed. What cannot be read is not expected.
func expectPlaced(ctx context.Context, store app.Store, facts []event.Envelope) error {
	able, is := store.(expecting)
	if !is {
		return nil
	}
	var orders []uuid.UUID
	var skus []string
	for _, e := range facts {
		if order, err := orderPlacedV1(e); e.DataVersion == 1 && err == nil {
			orders = append(orders, order.ID)
			for _, line := range order.Lines {
				skus = append(skus, line.SKU)
			}
		}
	}
	return able.Expect(ctx, orders, skus)
}

// expect has the reservations of orders be locked of which something was heard.
func expect(ctx context.Context, store app.Store, facts []event.Envelope) error {
	able, is := store.(expecting)
	if !is {
		return nil
	}
	var orders []uuid.UUID
	for _, e := range facts {
		if order, err := shipmentArrangedV1(e); e.DataVersion == 1 && err == nil {
			orders = append(orders, order)
		}
	}
	return able.Expect(ctx, orders, nil)
}
