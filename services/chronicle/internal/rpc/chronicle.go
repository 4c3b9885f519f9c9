// Package rpc answers questions about sagas and their facts.
package rpc

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"connectrpc.com/connect"
	"github.com/google/uuid"

	"quadrille.dev/platform/serve"
	chroniclev1 "quadrille.dev/schema/rpc/chronicle/v1"
	pagev1 "quadrille.dev/schema/rpc/page/v1"

	"quadrille.dev/services/chronicle/internal/app"
	"quadrille.dev/services/chronicle/internal/saga"
)

// Chronicle is the Connect handler.
type Chronicle struct {
	archive app.Archive
	// summarise tells a recorded envelope in a sentence.
	summarise func(envelope []byte) string
	// inspect reads a recorded envelope.
	inspect    func(envelope []byte) (app.Inspected, error)
	stuckAfter time.Duration
	now        func() time.Time
}

// New makes the handler. A saga that is not at rest and has heard nothing for longer than stuckAfter, or of a step that has
// stalled, shows as stuck.
func New(
	archive app.Archive, summarise func(envelope []byte) string, inspect func(envelope []byte) (app.Inspected, error),
	stuckAfter time.Duration, now func() time.Time,
) *Chronicle {
	return &Chronicle{archive, summarise, inspect, stuckAfter, now}
}

// GetSagas answers the sagas that exist and that the caller may see.
func (c *Chronicle) GetSagas(ctx context.Context, request *chroniclev1.GetSagasRequest) (*chroniclev1.GetSagasResponse, error) {
	if err := atMost("ids", len(request.GetIds()), 1000); err != nil {
		return nil, err
	}
	sagas, err := c.visible(ctx, request.GetIds())
	if err != nil {
		return nil, err
	}
	skus := map[string][]string{}
	if request.GetWithSkus() {
		if skus, err = c.archive.SKUs(ctx, ids(sagas)); err != nil {
			return nil, err
		}
	}
	response := &chroniclev1.GetSagasResponse{}
	for _, s := range sagas {
		presented := c.present(s)
		presented.Skus = skus[s.ID]
		response.Sagas = append(response.Sagas, presented)
	}
	return response, nil
}

// visible are those of the sagas that exist and that the caller may see. A saga whose order was not heard of yet is nobody's.
func (c *Chronicle) visible(ctx context.Context, ids []string) ([]saga.Saga, error) {
	sagas, err := c.archive.Sagas(ctx, ids)
	if err != nil {
		return nil, err
	}
	caller := serve.CallerFrom(ctx)
	return slices.DeleteFunc(sagas, func(s saga.Saga) bool { return !caller.MaySee(s.Order.Customer) }), nil
}

// ListSagas answers sagas, the latest started first.
func (c *Chronicle) ListSagas(ctx context.Context, request *chroniclev1.ListSagasRequest) (*chroniclev1.ListSagasResponse, error) {
	if !serve.CallerFrom(ctx).IsOperator() {
		return nil, connect.NewError(connect.CodePermissionDenied, fmt.Errorf("sagas are listed for operators only"))
	}
	page, err := page(request.GetPage())
	if err != nil {
		return nil, err
	}
	query, err := c.query(request)
	if err != nil {
		return nil, err
	}
	more := app.Page{First: page.First + 1, After: page.After}
	sagas, total, err := c.archive.Search(ctx, query, more)
	if err != nil {
		return nil, err
	}
	response := &chroniclev1.ListSagasResponse{
		PageInfo: &pagev1.PageInfo{HasNextPage: len(sagas) > page.First, TotalCount: int32(total)},
	}
	for _, s := range sagas[:min(len(sagas), page.First)] {
		response.Edges = append(response.Edges, &chroniclev1.ListSagasResponse_Edge{Cursor: cursor(app.Position{At: s.StartedAt, ID: s.ID}), Saga: c.present(s)})
	}
	return response, nil
}

// query reads the filter.
func (c *Chronicle) query(request *chroniclev1.ListSagasRequest) (query app.Query, err error) {
	query.Kind, query.OrderNumber, query.SKU = request.GetKind(), request.GetOrderNumber(), request.GetSku()
	if id := request.GetCustomerId(); id != "" {
		if query.Customer, err = uuid.Parse(id); err != nil {
			return query, connect.NewError(connect.CodeInvalidArgument, fmt.Errorf("customer_id %q is no UUID", id))
		}
	}
	states := request.GetStates()
	switch {
	case request.GetState() != "" && len(states) > 0:
		return query, connect.NewError(connect.CodeInvalidArgument, errors.New("state and states are both given"))
	case request.GetState() != "":
		states = []string{request.GetState()}
	}
	for _, text := range states {
		switch state := saga.State(text); state {
		case saga.Running, saga.Compensating, saga.Completed, saga.Compensated, saga.NeedsOperator:
			query.States = append(query.States, state)
		case stuck:
			query.Stuck = true
		default:
			return query, connect.NewError(connect.CodeInvalidArgument, fmt.Errorf("there is no state %q", state))
		}
		query.StuckSince = c.now().Add(-c.stuckAfter)
	}
	return query, nil
}

// GetTimeline answers the facts of sagas.
func (c *Chronicle) GetTimeline(
	ctx context.Context, request *chroniclev1.GetTimelineRequest,
) (*chroniclev1.GetTimelineResponse, error) {
	if err := atMost("saga_ids", len(request.GetSagaIds()), 100); err != nil {
		return nil, err
	}
	first, after := int(request.GetFirst()), request.GetAfterSequence()
	if first < 1 || first > 1000 {
		return nil, connect.NewError(connect.CodeInvalidArgument, fmt.Errorf("first is %d, not 1 to 1000", first))
	}
	if after < 0 {
		return nil, connect.NewError(connect.CodeInvalidArgument, fmt.Errorf("after_sequence is %d, below 0", after))
	}
	sagas, err := c.visible(ctx, request.GetSagaIds())
	if err != nil {
		return nil, err
	}
	facts, err := c.archive.Facts(ctx, ids(sagas), after, first)
	if err != nil {
		return nil, err
	}
	response := &chroniclev1.GetTimelineResponse{}
	for _, s := range sagas {
		response.Timelines = append(response.Timelines, c.timeline(s, facts[s.ID]))
	}
	return response, nil
}

func ids(sagas []saga.Saga) []string {
	ids := make([]string, len(sagas))
	for i, s := range sagas {
		ids[i] = s.ID
	}
	return ids
}

func atMost(field string, n, limit int) error {
	if n > limit {
		return connect.NewError(connect.CodeInvalidArgument, fmt.Errorf("%d %s, at most %d are allowed", n, field, limit))
	}
	return nil
}
