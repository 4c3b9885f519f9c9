// Package rpc answers inventory's callers.
package rpc

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"connectrpc.com/connect"
	"github.com/google/uuid"

	"quadrille.dev/platform/audit"
	"quadrille.dev/platform/serve"
	inventoryv1 "quadrille.dev/schema/rpc/inventory/v1"
	"quadrille.dev/services/inventory/internal/app"
	"quadrille.dev/services/inventory/internal/postgres"
	"quadrille.dev/services/inventory/internal/stock"
)

// most is how many SKUs or orders can be asked for at once.
const most = 1000

// Inventory implements inventory.v1.InventoryService.
type Inventory struct {
	Database *postgres.Database
	Now      func() time.Time
}

// GetAvailability answers what can be promised, SKU by SKU as asked for. Everyone may know.
func (i *Inventory) GetAvailability(
	ctx context.Context, request *inventoryv1.GetAvailabilityRequest,
) (*inventoryv1.GetAvailabilityResponse, error) {
	if len(request.Skus) > most {
		return nil, tooMany("SKUs")
	}
	skus := make([]string, len(request.Skus))
	for n, sku := range request.Skus {
		skus[n] = strings.ToUpper(sku)
	}
	levels, err := i.Database.Levels(ctx, skus)
	if err != nil {
		return nil, err
	}
	available := make(map[string]int64, len(levels))
	for _, level := range levels {
		available[level.SKU] = level.Available
	}
	response := &inventoryv1.GetAvailabilityResponse{Availabilities: make([]*inventoryv1.Availability, len(skus))}
	for n, sku := range skus {
		response.Availabilities[n] = &inventoryv1.Availability{Sku: sku, Available: available[sku]}
	}
	return response, nil
}

// GetReservations answers the reservations that exist and that the caller may see. One whose order was not heard of yet
// belongs to nobody that inventory knows.
func (i *Inventory) GetReservations(
	ctx context.Context, request *inventoryv1.GetReservationsRequest,
) (*inventoryv1.GetReservationsResponse, error) {
	if len(request.OrderIds) > most {
		return nil, tooMany("orders")
	}
	orderIDs := make([]uuid.UUID, 0, len(request.OrderIds))
	for _, text := range request.OrderIds {
		if id, err := uuid.Parse(text); err == nil {
			orderIDs = append(orderIDs, id)
		}
	}
	reservations, err := i.Database.Reservations(ctx, orderIDs)
	if err != nil {
		return nil, err
	}
	response := &inventoryv1.GetReservationsResponse{}
	for _, r := range reservations {
		if serve.CallerFrom(ctx).MaySee(r.CustomerID) {
			response.Reservations = append(response.Reservations,
				&inventoryv1.Reservation{OrderId: r.OrderID.String(), Status: string(r.Status)})
		}
	}
	return response, nil
}

// GetStock answers both at once.
func (i *Inventory) GetStock(ctx context.Context, request *inventoryv1.GetStockRequest) (*inventoryv1.GetStockResponse, error) {
	available, err := i.GetAvailability(ctx, &inventoryv1.GetAvailabilityRequest{Skus: request.Skus})
	if err != nil {
		return nil, err
	}
	reserved, err := i.GetReservations(ctx, &inventoryv1.GetReservationsRequest{OrderIds: request.OrderIds})
	if err != nil {
		return nil, err
	}
	return &inventoryv1.GetStockResponse{Availabilities: available.Availabilities, Reservations: reserved.Reservations}, nil
}

// ReceiveStock books goods in.
func (i *Inventory) ReceiveStock(
	ctx context.Context, request *inventoryv1.ReceiveStockRequest,
) (*inventoryv1.ReceiveStockResponse, error) {
	if !serve.CallerFrom(ctx).IsOperator() {
		return nil, connect.NewError(connect.CodePermissionDenied, errors.New("only operators receive stock"))
	}
	delivery, wrong := readDelivery(request)
	if len(wrong) > 0 {
		return &inventoryv1.ReceiveStockResponse{UserErrors: wrong}, nil
	}
	var level stock.Level
	err := i.Database.Act(ctx, func(store app.Store) (entry audit.Entry, err error) {
		at := i.Now()
		level, err = app.Receive(ctx, store, delivery, at)
		return audit.Entry{
			ID: uuid.Must(uuid.NewV7()), Actor: serve.CallerFrom(ctx).Actor(), Action: "stock.received", Target: delivery.SKU,
			Detail: fmt.Sprintf("Received %d of %s.", delivery.Quantity, delivery.SKU), At: at,
		}, err
	})
	switch {
	case errors.Is(err, app.ErrReferenceConflict):
		return &inventoryv1.ReceiveStockResponse{UserErrors: refuse("REFERENCE_CONFLICT",
			"The reference was used with another quantity.", "reference")}, nil
	case errors.Is(err, stock.ErrFull):
		return &inventoryv1.ReceiveStockResponse{UserErrors: refuse("OUT_OF_RANGE",
			"There would be more in stock than can be counted.", "quantity")}, nil
	case err != nil:
		return nil, err
	}
	return &inventoryv1.ReceiveStockResponse{
		Availability: &inventoryv1.Availability{Sku: level.SKU, Available: level.Available()},
	}, nil
}

func tooMany(what string) error {
	return connect.NewError(connect.CodeInvalidArgument, fmt.Errorf("more than %d %s", most, what))
}
