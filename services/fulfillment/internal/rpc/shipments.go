// Package rpc answers what others ask fulfillment.
package rpc

import (
	"context"
	"fmt"
	"time"

	"connectrpc.com/connect"
	"github.com/google/uuid"

	"quadrille.dev/platform/serve"
	fulfillmentv1 "quadrille.dev/schema/rpc/fulfillment/v1"
	"quadrille.dev/services/fulfillment/internal/shipment"
)

// most is how many orders can be asked for at once.
const most = 1000

// Reader looks shipments up: of those of the orders that were heard of.
type Reader interface {
	Opened(ctx context.Context, orders []shipment.OrderID) ([]shipment.Shipment, error)
}

// Shipments is the FulfillmentService.
type Shipments struct {
	Reader Reader
	Desk   Desk
	Now    func() time.Time
}

// GetShipments answers the shipments that the caller may see.
func (s Shipments) GetShipments(
	ctx context.Context, r *fulfillmentv1.GetShipmentsRequest,
) (*fulfillmentv1.GetShipmentsResponse, error) {
	orders, err := readOrders(r.GetOrderIds())
	if err != nil {
		return nil, connect.NewError(connect.CodeInvalidArgument, err)
	}
	shipments, err := s.Reader.Opened(ctx, orders)
	if err != nil {
		return nil, err
	}
	caller, response := serve.CallerFrom(ctx), &fulfillmentv1.GetShipmentsResponse{}
	for _, p := range shipments {
		if caller.MaySee(p.Customer.UUID) {
			response.Shipments = append(response.Shipments, tell(p))
		}
	}
	return response, nil
}

func readOrders(ids []string) ([]shipment.OrderID, error) {
	if len(ids) > most {
		return nil, fmt.Errorf("%d orders at once, at most %d", len(ids), most)
	}
	orders := make([]shipment.OrderID, len(ids))
	for i, id := range ids {
		order, err := uuid.Parse(id)
		if err != nil {
			return nil, fmt.Errorf("read order id %q: %w", id, err)
		}
		orders[i] = shipment.OrderID{UUID: order}
	}
	return orders, nil
}

func tell(p shipment.Shipment) *fulfillmentv1.Shipment {
	told := &fulfillmentv1.Shipment{OrderId: p.Order.String(), Status: string(p.Status)}
	if p.TrackingNumber != "" {
		told.Carrier, told.TrackingNumber = &p.Carrier, &p.TrackingNumber
	}
	return told
}
