package acl

import (
	"context"
	"encoding/base64"
	"maps"
	"slices"
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
	return c.sagas(ctx, orders, false)
}

// SagasWithSKUs does the same, and answers the SKUs of the lines of what they are about.
func (c *Chronicle) SagasWithSKUs(ctx context.Context, orders []string) (map[string]*model.Saga, error) {
	return c.sagas(ctx, orders, true)
}

func (c *Chronicle) sagas(ctx context.Context, orders []string, withSKUs bool) (map[string]*model.Saga, error) {
	sagas, err := inParts(orders, atOnce, func(part []string) ([]*model.Saga, error) {
		answer, err := c.rpc.GetSagas(ctx, &chroniclev1.GetSagasRequest{Ids: part, WithSkus: withSKUs})
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
	Kind                       string
	States                     []string
	OrderNumber, Customer, SKU string
}

// Passes tells whether a saga is among those wanted; its SKUs must be known.
func (f SagaFilter) Passes(s *model.Saga) bool {
	return (f.Kind == "" || f.Kind == string(s.Kind)) && (len(f.States) == 0 || slices.Contains(f.States, string(s.State))) &&
		(f.OrderNumber == "" || f.OrderNumber == s.OrderNumber) && (f.Customer == "" || f.Customer == s.CustomerKey) &&
		(f.SKU == "" || slices.Contains(s.SKUs, f.SKU))
}

// List answers a page of sagas.
func (c *Chronicle) List(ctx context.Context, page Page, filter SagaFilter) (*model.SagaConnection, error) {
	answer, err := c.rpc.ListSagas(ctx, &chroniclev1.ListSagasRequest{
		Page: page.request(), Kind: filter.Kind, States: filter.States, OrderNumber: filter.OrderNumber, CustomerId: filter.Customer,
		Sku: filter.SKU,
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
	var all []*model.Fact
	for _, timeline := range timelines {
		found[timeline.GetSagaId()] = facts(page, timeline)
		all = append(all, found[timeline.GetSagaId()].Nodes...)
	}
	model.GatherFacts(all)
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
	model.GatherFacts(slices.Collect(maps.Values(found)))
	return found, failure(ctx, "chronicle", err)
}

// Inspected is what operators may know of a fact beside what everybody is told who may know of it.
type Inspected struct {
	Payload string
	// TraceID is empty if the fact was published in no trace.
	TraceID string
	Effect  *model.FactEffect
}

// Inspect answers what operators may know of facts, by id; those that do not exist are missing.
func (c *Chronicle) Inspect(ctx context.Context, ids []string) (map[string]*Inspected, error) {
	facts, err := inParts(ids, atOnce, func(part []string) ([]*chroniclev1.InspectFactsResponse_Inspected, error) {
		answer, err := c.rpc.InspectFacts(ctx, &chroniclev1.InspectFactsRequest{Ids: part})
		return answer.GetFacts(), failure(ctx, "chronicle", err)
	})
	found := make(map[string]*Inspected, len(facts))
	for _, told := range facts {
		found[told.GetId()] = &Inspected{Payload: told.GetPayload(), TraceID: told.GetTraceId(), Effect: effect(told.GetEffect())}
	}
	return found, err
}

func effect(e *chroniclev1.Effect) *model.FactEffect {
	if e == nil {
		return nil
	}
	told := &model.FactEffect{State: model.SagaState(e.GetState()), Steps: make([]*model.StepChange, len(e.GetSteps()))}
	for i, step := range e.GetSteps() {
		told.Steps[i] = &model.StepChange{
			Context: step.GetContext(), Name: step.GetName(), From: model.SagaStepState(step.GetFrom()), To: model.SagaStepState(step.GetTo()),
		}
	}
	return told
}

// LastMinute answers how many messages of types chronicle has recorded within the last minute; types that it does not record are missing.
func (c *Chronicle) LastMinute(ctx context.Context, kinds []string) (map[string]*int32, error) {
	answer, err := c.rpc.CountFacts(ctx, &chroniclev1.CountFactsRequest{Seconds: 60})
	if err != nil {
		return nil, failure(ctx, "chronicle", err)
	}
	counts := map[string]*int32{}
	for _, kind := range kinds {
		if recorded(kind) {
			counts[kind] = new(int32(0))
		}
	}
	for _, count := range answer.GetCounts() {
		if counts[count.GetType()] != nil {
			counts[count.GetType()] = new(clamp(count.GetCount()))
		}
	}
	return counts, nil
}

// FactsAfter answers facts of a saga in order, from the one numbered after+1 on, and whether there are more.
func (c *Chronicle) FactsAfter(ctx context.Context, order string, after int64) ([]*model.Fact, bool, error) {
	timelines, err := c.timelines(ctx, []string{order}, atOnce, after)
	if err != nil || len(timelines) == 0 {
		return nil, false, err
	}
	told := make([]*model.Fact, len(timelines[0].GetFacts()))
	for i, f := range timelines[0].GetFacts() {
		told[i] = fact(f)
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
		Sequence: int32(f.GetSequence()), RecordedAt: f.GetRecordedAt().AsTime(),
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
		SKUs:        s.GetSkus(),
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
