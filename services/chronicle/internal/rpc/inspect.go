package rpc

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"connectrpc.com/connect"
	"github.com/google/uuid"

	"quadrille.dev/platform/serve"
	chroniclev1 "quadrille.dev/schema/rpc/chronicle/v1"
	"quadrille.dev/services/chronicle/internal/app"
	"quadrille.dev/services/chronicle/internal/saga"
)

// insidersOnly refuses those who are neither operators nor services.
func insidersOnly(ctx context.Context) error {
	if caller := serve.CallerFrom(ctx); !caller.IsOperator() && caller.Service == "" {
		return connect.NewError(connect.CodePermissionDenied, errors.New("this is for operators and services only"))
	}
	return nil
}

// InspectFacts answers what facts carry, in which trace they were published, and what they changed in their sagas.
func (c *Chronicle) InspectFacts(
	ctx context.Context, request *chroniclev1.InspectFactsRequest,
) (*chroniclev1.InspectFactsResponse, error) {
	if err := insidersOnly(ctx); err != nil {
		return nil, err
	}
	facts, err := c.asked(ctx, request.GetIds())
	if err != nil {
		return nil, err
	}
	changes, err := c.changes(ctx, facts)
	if err != nil {
		return nil, err
	}
	response := &chroniclev1.InspectFactsResponse{}
	for _, fact := range facts {
		inspected, err := c.inspect(fact.Envelope)
		if err != nil {
			return nil, err
		}
		response.Facts = append(response.Facts, &chroniclev1.InspectFactsResponse_Inspected{
			Id: fact.ID.String(), Payload: string(inspected.Payload), TraceId: inspected.TraceID, Effect: changes[fact.ID],
		})
	}
	return response, nil
}

// changes folds sagas up to each of some facts and past it.
func (c *Chronicle) changes(ctx context.Context, facts []app.Recorded) (map[uuid.UUID]*chroniclev1.Effect, error) {
	wanted, last, ids := map[uuid.UUID]bool{}, int64(0), []string{}
	for _, fact := range facts {
		wanted[fact.ID], last = true, max(last, fact.Sequence)
		ids = append(ids, fact.CorrelationID)
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	sagas, err := c.archive.Sagas(ctx, ids)
	if err != nil {
		return nil, err
	}
	told, err := c.archive.Facts(ctx, ids, 0, int(last))
	if err != nil {
		return nil, err
	}
	changes := make(map[uuid.UUID]*chroniclev1.Effect, len(facts))
	for _, s := range sagas {
		now := saga.Saga{ID: s.ID, Process: s.Process}
		for _, fact := range told[s.ID] {
			inspected, err := c.inspect(fact.Envelope)
			if err != nil {
				return nil, err
			}
			before := now
			now = now.Hear(inspected.Heard, fact.RecordedAt)
			if wanted[fact.ID] {
				changes[fact.ID] = effect(now.Since(before))
			}
		}
	}
	return changes, nil
}

// effect is what a fact changed. A step that has stalled makes the saga stuck, as it is presented; a silence is no fact.
func effect(change saga.Change) *chroniclev1.Effect {
	told := &chroniclev1.Effect{State: string(change.State)}
	if change.Stalled {
		told.State = string(stuck)
	}
	for _, step := range change.Steps {
		told.Steps = append(told.Steps, &chroniclev1.StepChange{
			Context: step.Context, Name: step.Name, From: string(step.From), To: string(step.To),
		})
	}
	return told
}

// CountFacts answers how many facts of each type were recorded of late.
func (c *Chronicle) CountFacts(ctx context.Context, request *chroniclev1.CountFactsRequest) (*chroniclev1.CountFactsResponse, error) {
	if err := insidersOnly(ctx); err != nil {
		return nil, err
	}
	seconds := request.GetSeconds()
	if seconds < 1 || seconds > 3600 {
		return nil, connect.NewError(connect.CodeInvalidArgument, fmt.Errorf("seconds is %d, not 1 to 3600", seconds))
	}
	counts, err := c.archive.Counts(ctx, c.now().Add(-time.Duration(seconds)*time.Second))
	if err != nil {
		return nil, err
	}
	response := &chroniclev1.CountFactsResponse{}
	for _, fact := range slices.Sorted(maps.Keys(counts)) {
		response.Counts = append(response.Counts, &chroniclev1.CountFactsResponse_Count{Type: fact, Count: counts[fact]})
	}
	return response, nil
}
