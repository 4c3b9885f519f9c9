package acl

import (
	"context"
	"encoding/base64"
	"strconv"
	"strings"

	"quadrille.dev/gateway/internal/fault"
	"quadrille.dev/gateway/internal/graph/model"
	chroniclev1 "quadrille.dev/schema/rpc/chronicle/v1"
	"quadrille.dev/schema/rpc/chronicle/v1/chroniclev1connect"
)

// timelinesAtOnce is of how many sagas chronicle tells the facts in one call.
const timelinesAtOnce = 100

// Chronicle knows sagas and what happened in them.
type Chronicle struct {
	rpc chroniclev1connect.ChronicleServiceClient
}

// NewChronicle makes a client of chronicle.
func NewChronicle(rpc chroniclev1connect.ChronicleServiceClient) *Chronicle { return &Chronicle{rpc} }

// Sagas answers sagas by the order or return that they are about; those that chronicle has not heard of are missing.
func (c *Chronicle) Sagas(ctx context.Context, orders []string) (map[string]*model.Saga, error) {
	sagas, err := inParts(orders, atOnce, func(part []string) ([]*model.Saga, error) {
		answer, err := c.rpc.GetSagas(ctx, &chroniclev1.GetSagasRequest{Ids: part})
		told := make([]*model.Saga, len(answer.GetSagas()))
		for i, s := range answer.GetSagas() {
			told[i] = saga(s)
		}
		return told, failure(ctx, "chronicle", err)
	})
	found := make(map[string]*model.Saga, len(sagas))
	for _, s := range model.GatherSagas(sagas) {
		found[s.Key] = s
	}
	return found, err
}

// SagaFilter restricts a list of sagas; empty fields do not.
type SagaFilter struct {
	Kind, State, OrderNumber, Customer string
}

// List answers a page of sagas.
func (c *Chronicle) List(ctx context.Context, page Page, filter SagaFilter) (*model.SagaConnection, error) {
	answer, err := c.rpc.ListSagas(ctx, &chroniclev1.ListSagasRequest{
		Page: page.request(), Kind: filter.Kind, State: filter.State, OrderNumber: filter.OrderNumber, CustomerId: filter.Customer,
	})
	if err != nil {
		return nil, failure(ctx, "chronicle", err)
	}
	connection := &model.SagaConnection{
		Edges: []*model.SagaEdge{}, Nodes: []*model.Saga{}, TotalCount: answer.GetPageInfo().GetTotalCount(),
	}
	var cursors []string
	for _, edge := range answer.GetEdges() {
		node := saga(edge.GetSaga())
		connection.Nodes = append(connection.Nodes, node)
		connection.Edges = append(connection.Edges, &model.SagaEdge{Cursor: edge.GetCursor(), Node: node})
		cursors = append(cursors, edge.GetCursor())
	}
	model.GatherSagas(connection.Nodes)
	connection.PageInfo = page.info(answer.GetPageInfo().GetHasNextPage(), cursors)
	return connection, nil
}

// Timelines answers a page of the facts of each of the sagas of orders or returns.
func (c *Chronicle) Timelines(ctx context.Context, orders []string, page Page) (map[string]*model.FactConnection, error) {
	after, err := position(page.After)
	if err != nil {
		return nil, err
	}
	timelines, err := c.timelines(ctx, orders, page.First, after)
	found := make(map[string]*model.FactConnection, len(orders))
	for _, order := range orders {
		found[order] = facts(page, &chroniclev1.GetTimelineResponse_Timeline{})
	}
	for _, timeline := range timelines {
		found[timeline.GetSagaId()] = facts(page, timeline)
	}
	return found, err
}

// Facts answers up to 1,000 facts by id; those that do not exist or may not be seen are missing.
func (c *Chronicle) Facts(ctx context.Context, ids []string) (map[string]*model.Fact, error) {
	found := make(map[string]*model.Fact, len(ids))
	answer, err := c.rpc.GetFacts(ctx, &chroniclev1.GetFactsRequest{Ids: ids})
	for _, told := range answer.GetFacts() {
		one := fact(told.GetFact())
		one.CustomerKey = told.GetCustomerId()
		found[one.ID] = one
	}
	return found, failure(ctx, "chronicle", err)
}

// NumberedFact is a fact with its place in its saga's gapless count.
type NumberedFact struct {
	*model.Fact
	Sequence int64
}

// FactsAfter answers facts of a saga in order, from the one numbered after+1 on, and whether there are more.
func (c *Chronicle) FactsAfter(ctx context.Context, order string, after int64) ([]NumberedFact, bool, error) {
	timelines, err := c.timelines(ctx, []string{order}, atOnce, after)
	if err != nil || len(timelines) == 0 {
		return nil, false, err
	}
	told := make([]NumberedFact, len(timelines[0].GetFacts()))
	for i, f := range timelines[0].GetFacts() {
		told[i] = NumberedFact{Fact: fact(f), Sequence: f.GetSequence()}
	}
	return told, timelines[0].GetHasNextPage(), nil
}

// Sequences answers the number of the last fact of each saga that chronicle has heard of.
func (c *Chronicle) Sequences(ctx context.Context, orders []string) (map[string]int64, error) {
	sagas, err := c.Sagas(ctx, orders)
	last := make(map[string]int64, len(sagas))
	for order, s := range sagas {
		last[order] = s.Sequence
	}
	return last, err
}

func (c *Chronicle) timelines(ctx context.Context, orders []string, first int32, after int64) (
	[]*chroniclev1.GetTimelineResponse_Timeline, error,
) {
	return inParts(orders, timelinesAtOnce, func(part []string) ([]*chroniclev1.GetTimelineResponse_Timeline, error) {
		answer, err := c.rpc.GetTimeline(ctx, &chroniclev1.GetTimelineRequest{SagaIds: part, First: first, AfterSequence: after})
		return answer.GetTimelines(), failure(ctx, "chronicle", err)
	})
}

func facts(page Page, timeline *chroniclev1.GetTimelineResponse_Timeline) *model.FactConnection {
	connection := &model.FactConnection{
		Edges: []*model.FactEdge{}, Nodes: []*model.Fact{}, TotalCount: timeline.GetTotalCount(),
	}
	var cursors []string
	for _, f := range timeline.GetFacts() {
		node, cursor := fact(f), cursor(f.GetSequence())
		connection.Nodes = append(connection.Nodes, node)
		connection.Edges = append(connection.Edges, &model.FactEdge{Cursor: cursor, Node: node})
		cursors = append(cursors, cursor)
	}
	connection.PageInfo = page.info(timeline.GetHasNextPage(), cursors)
	return connection
}

// cursor is the place of a fact in its timeline, opaque.
func cursor(sequence int64) string {
	return base64.RawURLEncoding.EncodeToString([]byte("fact:" + strconv.FormatInt(sequence, 10)))
}

// position reads a cursor; the empty one is the place before all facts.
func position(cursor string) (int64, error) {
	if cursor == "" {
		return 0, nil
	}
	decoded, _ := base64.RawURLEncoding.DecodeString(cursor)
	number, found := strings.CutPrefix(string(decoded), "fact:")
	sequence, err := strconv.ParseInt(number, 10, 64)
	if !found || err != nil || sequence < 0 {
		return 0, fault.BadInput("%q is not a cursor of a timeline.", cursor)
	}
	return sequence, nil
}

func fact(f *chroniclev1.Fact) *model.Fact {
	return &model.Fact{
		ID: f.GetId(), Type: f.GetType(), Context: f.GetContext(), OccurredAt: f.GetOccurredAt().AsTime(),
		CorrelationID: f.GetCorrelationId(), CausationID: optional(f.GetCausationId()), Summary: f.GetSummary(),
	}
}

func saga(s *chroniclev1.Saga) *model.Saga {
	steps := make([]*model.SagaStep, len(s.GetSteps()))
	for i, step := range s.GetSteps() {
		steps[i] = &model.SagaStep{
			Context: step.GetContext(), Name: step.GetName(), State: model.SagaStepState(step.GetState()),
			StartedAt: moment(step.GetStartedAt()), FinishedAt: moment(step.GetFinishedAt()),
		}
	}
	return &model.Saga{
		ID:          model.GlobalID(model.KindSaga, s.GetId()),
		Key:         s.GetId(),
		CustomerKey: s.GetCustomerId(),
		Sequence:    s.GetSequence(),
		OrderNumber: s.GetOrderNumber(),
		Kind:        model.SagaKind(s.GetKind()),
		State:       model.SagaState(s.GetState()),
		Steps:       steps,
		WaitingFor:  append([]string{}, s.GetWaitingFor()...),
		Deadline:    moment(s.GetDeadline()),
		NextAction:  optional(s.GetNextAction()),
		StartedAt:   s.GetStartedAt().AsTime(),
		LastFactAt:  s.GetLastFactAt().AsTime(),
	}
}
