package rpc

import (
	"context"
	"fmt"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/types/known/timestamppb"

	chroniclev1 "quadrille.dev/schema/rpc/chronicle/v1"

	"quadrille.dev/services/chronicle/internal/app"
)

// ReadFacts answers facts of any kind.
func (c *Chronicle) ReadFacts(ctx context.Context, request *chroniclev1.ReadFactsRequest) (*chroniclev1.ReadFactsResponse, error) {
	if err := insidersOnly(ctx); err != nil {
		return nil, err
	}
	first := int(request.GetFirst())
	if first < 1 || first > 1000 {
		return nil, connect.NewError(connect.CodeInvalidArgument, fmt.Errorf("first is %d, not 1 to 1000", first))
	}
	which := app.Which{From: moment(request.GetFrom()), To: moment(request.GetTo()), Names: request.GetTypes()}
	facts, err := c.archive.Read(ctx, which, request.GetAfter(), first)
	if err != nil {
		return nil, err
	}
	response := &chroniclev1.ReadFactsResponse{}
	for _, fact := range facts {
		response.Envelopes = append(response.Envelopes, fact.Envelope)
	}
	if len(facts) == first {
		response.Next = facts[first-1].Arrival
	}
	return response, nil
}

// moment is zero for none.
func moment(at *timestamppb.Timestamp) time.Time {
	if at == nil {
		return time.Time{}
	}
	return at.AsTime()
}
