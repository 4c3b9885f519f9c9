package acl

import (
	"context"

	"quadrille.dev/gateway/internal/graph/model"
	fulfillmentv1 "quadrille.dev/schema/rpc/fulfillment/v1"
	"quadrille.dev/schema/rpc/fulfillment/v1/fulfillmentv1connect"
)

// Fulfillment knows shipments.
type Fulfillment struct {
	rpc fulfillmentv1connect.FulfillmentServiceClient
}

// NewFulfillment makes a client of fulfillment.
func NewFulfillment(rpc fulfillmentv1connect.FulfillmentServiceClient) *Fulfillment {
	return &Fulfillment{rpc}
}

// Shipments answers shipments by order; orders without one are missing.
func (f *Fulfillment) Shipments(ctx context.Context, orders []string) (map[string]*model.Shipment, error) {
	shipments, err := inParts(orders, atOnce, func(part []string) ([]*fulfillmentv1.Shipment, error) {
		answer, err := f.rpc.GetShipments(ctx, &fulfillmentv1.GetShipmentsRequest{OrderIds: part})
		return answer.GetShipments(), failure(ctx, "fulfillment", err)
	})
	found := make(map[string]*model.Shipment, len(shipments))
	told := make([]model.Shipment, len(shipments))
	for i, s := range shipments {
		told[i] = model.Shipment{Status: model.ShipmentStatus(s.GetStatus()), Carrier: s.Carrier, TrackingNumber: s.TrackingNumber}
		found[s.GetOrderId()] = &told[i]
	}
	return found, err
}
