package rpc_test

import (
	"context"
	"errors"
	"testing"

	"connectrpc.com/connect"
	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"google.golang.org/protobuf/testing/protocmp"

	"quadrille.dev/platform/serve"
	fulfillmentv1 "quadrille.dev/schema/rpc/fulfillment/v1"
	"quadrille.dev/services/fulfillment/internal/rpc"
	"quadrille.dev/services/fulfillment/internal/shipment"
)

var (
	orderID = uuid.MustParse("01996f3a-5c10-7c2e-9a41-3b8e2f6d1a01")
	ada     = uuid.MustParse("01996f1e-0b7d-7a33-b1c9-5e4f2a6d8c11")
	grace   = uuid.MustParse("01996f1e-4f02-7d58-96aa-0d7b3c1e9f12")
)

type reader []shipment.Shipment

func (r reader) Opened(context.Context, []shipment.OrderID) ([]shipment.Shipment, error) {
	return r, nil
}

// held is a service that holds one shipment, of Ada's.
func held(s shipment.Shipment) rpc.Shipments {
	s.Order, s.Opened, s.Customer = shipment.OrderID{UUID: orderID}, true, shipment.CustomerID{UUID: ada}
	return rpc.Shipments{Reader: reader{s}}
}

func TestGetShipments(t *testing.T) {
	for _, test := range []struct {
		held shipment.Shipment
		want *fulfillmentv1.Shipment
	}{
		{shipment.Shipment{Status: shipment.Pending}, &fulfillmentv1.Shipment{OrderId: orderID.String(), Status: "PENDING"}},
		{shipment.Shipment{Status: shipment.Dispatched, Carrier: "Quill & Post", TrackingNumber: "QP1"}, &fulfillmentv1.Shipment{
			OrderId: orderID.String(), Status: "DISPATCHED", Carrier: new("Quill & Post"), TrackingNumber: new("QP1"),
		}},
	} {
		ctx := serve.WithCaller(t.Context(), serve.Caller{ID: ada, Roles: []string{serve.Customer}})
		request := &fulfillmentv1.GetShipmentsRequest{OrderIds: []string{orderID.String()}}
		response, err := held(test.held).GetShipments(ctx, request)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]*fulfillmentv1.Shipment{test.want}, response.GetShipments(), protocmp.Transform()); diff != "" {
			t.Error(diff)
		}
	}
}

func TestWhoMaySeeAShipment(t *testing.T) {
	for _, test := range []struct {
		name   string
		caller serve.Caller
		sees   int
	}{
		{"its customer", serve.Caller{ID: ada, Roles: []string{serve.Customer}}, 1},
		{"another customer", serve.Caller{ID: grace, Roles: []string{serve.Customer}}, 0},
		{"an operator", serve.Caller{ID: grace, Roles: []string{serve.Operator}}, 1},
		{"a service", serve.Caller{Service: "gateway"}, 1},
		{"nobody", serve.Caller{}, 0},
	} {
		response, err := held(shipment.Shipment{Status: shipment.Pending}).GetShipments(
			serve.WithCaller(t.Context(), test.caller), &fulfillmentv1.GetShipmentsRequest{OrderIds: []string{orderID.String()}})
		if err != nil || len(response.GetShipments()) != test.sees {
			t.Errorf("%s sees %v, %v", test.name, response.GetShipments(), err)
		}
	}
}

func TestGetShipmentsRefusesNonsense(t *testing.T) {
	for name, ids := range map[string][]string{"not an id": {"x"}, "too many": make([]string, 1001)} {
		request := &fulfillmentv1.GetShipmentsRequest{OrderIds: ids}
		_, err := held(shipment.Shipment{Status: shipment.Pending}).GetShipments(t.Context(), request)
		var refused *connect.Error
		if !errors.As(err, &refused) || refused.Code() != connect.CodeInvalidArgument {
			t.Errorf("%s: %v", name, err)
		}
	}
}
