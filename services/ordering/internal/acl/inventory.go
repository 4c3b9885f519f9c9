package acl

import (
	"context"
	"fmt"

	inventoryv1 "quadrille.dev/schema/rpc/inventory/v1"
	"quadrille.dev/schema/rpc/inventory/v1/inventoryv1connect"
)

// Inventory asks inventory.
type Inventory struct {
	Client inventoryv1connect.InventoryServiceClient
}

// Available has what can be promised of each SKU.
func (i Inventory) Available(ctx context.Context, skus []string) (map[string]int64, error) {
	answer, err := i.Client.GetAvailability(ctx, &inventoryv1.GetAvailabilityRequest{Skus: skus})
	if err != nil {
		return nil, fmt.Errorf("ask inventory for availability: %w", err)
	}
	available := make(map[string]int64, len(answer.Availabilities))
	for _, one := range answer.Availabilities {
		available[one.Sku] = one.Available
	}
	return available, nil
}
