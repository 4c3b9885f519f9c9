package serve

import (
	"context"

	"google.golang.org/protobuf/types/known/timestamppb"

	"quadrille.dev/platform/inbox"
	operationsv1 "quadrille.dev/schema/rpc/operations/v1"
)

// mostDeliveries is of how many messages it is told at once what became of them.
const mostDeliveries = 1_000

func (o operations) ListDeliveries(
	ctx context.Context, request *operationsv1.ListDeliveriesRequest,
) (*operationsv1.ListDeliveriesResponse, error) {
	if caller := CallerFrom(ctx); !caller.IsOperator() && caller.Service == "" {
		return nil, operatorsOnly()
	}
	ids, err := readIDs(request.GetIds(), mostDeliveries)
	if err != nil {
		return nil, err
	}
	deliveries, err := o.host.parking.Deliveries(ctx, ids)
	if err != nil {
		return nil, err
	}
	response := &operationsv1.ListDeliveriesResponse{}
	for _, delivery := range deliveries {
		response.Deliveries = append(response.Deliveries, deliveryMessage(delivery))
	}
	return response, nil
}

func deliveryMessage(delivery inbox.Delivery) *operationsv1.Delivery {
	told := &operationsv1.Delivery{Id: delivery.ID.String(), State: delivery.State, Error: delivery.Error}
	if delivery.Attempts > 0 {
		told.Attempts = new(int32(delivery.Attempts))
	}
	if !delivery.At.IsZero() {
		told.At = timestamppb.New(delivery.At)
	}
	return told
}
