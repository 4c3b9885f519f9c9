package acl

import (
	"context"

	"quadrille.dev/gateway/internal/graph/model"
	operationsv1 "quadrille.dev/schema/rpc/operations/v1"
	"quadrille.dev/schema/rpc/operations/v1/operationsv1connect"

	"quadrille.dev/platform/resilience"
)

// Operations tells how a context is.
type Operations struct {
	name string
	rpc  operationsv1connect.OperationsServiceClient
}

// NewOperations makes a client of what a context says of itself.
func NewOperations(name string, rpc operationsv1connect.OperationsServiceClient) *Operations {
	return &Operations{name, rpc}
}

// Status answers how the context is. One that does not answer is unreachable, which is an answer and no error.
func (o *Operations) Status(ctx context.Context) *model.Context {
	answer, err := o.rpc.GetStatus(ctx, &operationsv1.GetStatusRequest{})
	if err != nil {
		return &model.Context{Name: o.name, Breakers: []*model.Breaker{}}
	}
	status := &model.Context{
		Name:                     o.name,
		Version:                  optional(answer.GetVersion()),
		Reachable:                true,
		OutboxBacklog:            new(clamp(answer.GetOutboxBacklog())),
		OldestUnpublishedSeconds: new(answer.GetOldestUnpublishedSeconds()),
		RelayPaused:              optional(answer.GetRelayPaused()),
		InboxReady:               counted(answer.GetInboxReady()),
		Parked:                   new(clamp(answer.GetParked())),
		Dead:                     counted(answer.GetDead()),
		Breakers:                 make([]*model.Breaker, len(answer.GetBreakers())),
	}
	for i, b := range answer.GetBreakers() {
		status.Breakers[i] = &model.Breaker{
			To: b.GetTo(), State: model.BreakerState(b.GetState()), Since: b.GetSince().AsTime(), Failures: clamp(b.GetFailures()),
		}
	}
	return status
}

// Breakers tells how the gateway's own breakers stand.
func Breakers(neighbours []*resilience.Neighbour) []*model.Breaker {
	breakers := make([]*model.Breaker, len(neighbours))
	for i, neighbour := range neighbours {
		state := neighbour.State()
		breakers[i] = &model.Breaker{
			To: state.To, State: model.BreakerState(state.State), Since: state.Since, Failures: clamp(state.Failures),
		}
	}
	return breakers
}

// counted is a count that a context may not know, which it tells by a negative number.
func counted(count int64) *int32 {
	if count < 0 {
		return nil
	}
	return new(clamp(count))
}
