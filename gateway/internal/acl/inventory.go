package acl

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"time"

	"quadrille.dev/gateway/internal/graph/model"
	inventoryv1 "quadrille.dev/schema/rpc/inventory/v1"
	"quadrille.dev/schema/rpc/inventory/v1/inventoryv1connect"
)

// scarce is from how many on there is enough of a product.
const scarce = 10

// Inventory knows stock and reservations.
type Inventory struct {
	rpc inventoryv1connect.InventoryServiceClient
}

// NewInventory makes a client of inventory.
func NewInventory(rpc inventoryv1connect.InventoryServiceClient) *Inventory { return &Inventory{rpc} }

// Availability answers by SKU what can be promised.
func (i *Inventory) Availability(ctx context.Context, skus []string) (map[string]*model.Availability, error) {
	answered, err := inParts(skus, atOnce, func(part []string) ([]*inventoryv1.Availability, error) {
		answer, err := i.rpc.GetAvailability(ctx, &inventoryv1.GetAvailabilityRequest{Skus: part})
		return answer.GetAvailabilities(), failure(ctx, "inventory", err)
	})
	found, now := make(map[string]*model.Availability, len(answered)), time.Now()
	told := make([]model.Availability, len(answered))
	for i, a := range answered {
		told[i] = availability(a, now)
		found[a.GetSku()] = &told[i]
	}
	return found, err
}

// Reservations answers reservations by order; orders without one are missing.
func (i *Inventory) Reservations(ctx context.Context, orders []string) (map[string]*model.Reservation, error) {
	answered, err := inParts(orders, atOnce, func(part []string) ([]*inventoryv1.Reservation, error) {
		answer, err := i.rpc.GetReservations(ctx, &inventoryv1.GetReservationsRequest{OrderIds: part})
		return answer.GetReservations(), failure(ctx, "inventory", err)
	})
	found := make(map[string]*model.Reservation, len(answered))
	told := make([]model.Reservation, len(answered))
	for i, r := range answered {
		told[i] = model.Reservation{Status: model.ReservationStatus(r.GetStatus())}
		found[r.GetOrderId()] = &told[i]
	}
	return found, err
}

// Receive books goods in.
func (i *Inventory) Receive(ctx context.Context, input model.ReceiveStockInput) (*model.ReceiveStockPayload, error) {
	answer, err := i.rpc.ReceiveStock(ctx, &inventoryv1.ReceiveStockRequest{
		Sku: SKU(input.SKU), Quantity: int64(input.Quantity), Reference: input.Reference,
	})
	if err != nil {
		return nil, failure(ctx, "inventory", err)
	}
	payload := &model.ReceiveStockPayload{}
	if answer.GetAvailability() != nil {
		payload.Availability = new(availability(answer.GetAvailability(), time.Now()))
	}
	payload.UserErrors, err = refusals("inventory", answer.GetUserErrors())
	return payload, err
}

func availability(a *inventoryv1.Availability, now time.Time) model.Availability {
	status := model.AvailabilityStatusInStock
	switch available := a.GetAvailable(); {
	case available <= 0:
		status = model.AvailabilityStatusOutOfStock
	case available < scarce:
		status = model.AvailabilityStatusLowStock
	}
	return model.Availability{Available: clamp(a.GetAvailable()), Status: status, AsOf: now}
}

// ReadLevel reads inventory's signal stock.level: what can be promised of a SKU from now on.
func ReadLevel(message []byte) (sku string, level *model.Availability, err error) {
	var signal struct {
		SKU       string `json:"sku"`
		Available int64  `json:"available"`
	}
	if err := json.Unmarshal(message, &signal); err != nil {
		return "", nil, fmt.Errorf("read level: %w", err)
	}
	return signal.SKU, new(availability(&inventoryv1.Availability{Sku: signal.SKU, Available: signal.Available}, time.Now())), nil
}

// clamp fits a count into a GraphQL Int.
func clamp(count int64) int32 {
	return int32(min(max(count, math.MinInt32), math.MaxInt32))
}
