package acl

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strconv"
	"sync"

	"quadrille.dev/gateway/internal/fault"
	"quadrille.dev/gateway/internal/graph/model"
	operationsv1 "quadrille.dev/schema/rpc/operations/v1"
	"quadrille.dev/schema/rpc/operations/v1/operationsv1connect"
	problemv1 "quadrille.dev/schema/rpc/problem/v1"
)

// Parked is the parked messages of all contexts.
type Parked []parkedIn

// parkedIn is the parked messages of one context.
type parkedIn struct {
	name string
	rpc  operationsv1connect.OperationsServiceClient
}

// With are these, and the parked messages of one more context.
func (p Parked) With(name string, rpc operationsv1connect.OperationsServiceClient) Parked {
	return append(p, parkedIn{name, rpc})
}

// mostParked is how many messages may be named at once.
const mostParked = 100

// ParkedFilter restricts a list of parked messages; what is nil or empty does not.
type ParkedFilter struct {
	Context *string
	model.ParkedMessageFilter
}

// List answers a page of the parked messages of all contexts that answer, and why the others do not.
func (p Parked) List(ctx context.Context, page Page, filter ParkedFilter) (*model.ParkedMessageConnection, error) {
	asked, err := p.asked(filter)
	if err != nil {
		return nil, err
	}
	answers := make([]*operationsv1.ListParkedResponse, len(asked))
	failures := each(asked, func(i int, in parkedQuery) error {
		in.request.Page = page.request()
		var err error
		answers[i], err = in.rpc.ListParked(ctx, in.request)
		return failure(ctx, in.name, err)
	})
	return merge(page, asked, answers), failures
}

// ByKey answers up to 100 messages by their keys: context, slash, and id there. Those that are not parked are missing.
func (p Parked) ByKey(ctx context.Context, keys []string) (map[string]*model.ParkedMessage, error) {
	ids := make([]string, len(keys))
	for i, key := range keys {
		ids[i] = model.GlobalID(model.KindParked, key)
	}
	filter := ParkedFilter{ParkedMessageFilter: model.ParkedMessageFilter{Ids: ids}}
	connection, err := p.List(ctx, Page{First: int32(len(keys))}, filter)
	found := make(map[string]*model.ParkedMessage, len(keys))
	if connection != nil {
		for _, message := range connection.Nodes {
			found[message.Context+"/"+message.Key] = message
		}
	}
	return found, err
}

// parkedQuery is what one context is asked.
type parkedQuery struct {
	parkedIn
	request *operationsv1.ListParkedRequest
}

// asked are the contexts that may have what a filter lets pass.
func (p Parked) asked(filter ParkedFilter) ([]parkedQuery, error) {
	if filter.Context != nil && !slices.ContainsFunc(p, func(in parkedIn) bool { return in.name == *filter.Context }) {
		return nil, fault.BadInput("There is no context %q.", *filter.Context)
	}
	if len(filter.Ids) > mostParked {
		return nil, fault.TooMany("%d ids; at most %d are allowed.", len(filter.Ids), mostParked)
	}
	ids := map[string][]string{}
	for _, id := range filter.Ids {
		context, key, err := model.ReadParkedID(id)
		if err != nil {
			return nil, err
		}
		ids[context] = append(ids[context], key)
	}
	var asked []parkedQuery
	for _, in := range p {
		if filter.Context != nil && *filter.Context != in.name || filter.Ids != nil && ids[in.name] == nil {
			continue
		}
		asked = append(asked, parkedQuery{in, &operationsv1.ListParkedRequest{
			Type: given(filter.Type), Error: given(filter.Error), Ids: ids[in.name],
		}})
	}
	return asked, nil
}

// each asks all at once, and answers what went wrong.
func each[T any](all []T, ask func(i int, one T) error) error {
	failures := make([]error, len(all))
	var asking sync.WaitGroup
	for i, one := range all {
		asking.Go(func() { failures[i] = ask(i, one) })
	}
	asking.Wait()
	return errors.Join(failures...)
}

// merge makes one page of those of several contexts, which each have the whole page if nobody else has anything.
func merge(page Page, asked []parkedQuery, answers []*operationsv1.ListParkedResponse) *model.ParkedMessageConnection {
	connection := &model.ParkedMessageConnection{
		Edges: []*model.ParkedMessageEdge{}, Nodes: []*model.ParkedMessage{}, Groups: []*model.ParkedMessageGroup{},
	}
	more := false
	for i, answer := range answers {
		name := asked[i].name
		more = more || answer.GetPageInfo().GetHasNextPage()
		connection.TotalCount += answer.GetPageInfo().GetTotalCount()
		for _, edge := range answer.GetEdges() {
			connection.Edges = append(connection.Edges, &model.ParkedMessageEdge{
				Cursor: edge.GetCursor(), Node: parkedMessage(name, edge.GetMessage()),
			})
		}
		for _, group := range answer.GetGroups() {
			connection.Groups = append(connection.Groups, &model.ParkedMessageGroup{
				Context: name, Type: group.GetType(), Error: group.GetError(), Count: group.GetCount(),
			})
		}
	}
	// The contexts' own order: by moment, id and context. Ids of one context are in order already.
	slices.SortStableFunc(connection.Edges, func(a, b *model.ParkedMessageEdge) int {
		return cmp.Or(a.Node.FirstFailedAt.Compare(b.Node.FirstFailedAt), cmp.Compare(a.Node.Key, b.Node.Key),
			cmp.Compare(a.Node.Context, b.Node.Context))
	})
	slices.SortStableFunc(connection.Groups, func(a, b *model.ParkedMessageGroup) int { return cmp.Compare(b.Count, a.Count) })
	kept := min(len(connection.Edges), int(page.First))
	more = more || kept < len(connection.Edges)
	connection.Edges = connection.Edges[:kept]
	var cursors []string
	for _, edge := range connection.Edges {
		connection.Nodes = append(connection.Nodes, edge.Node)
		cursors = append(cursors, edge.Cursor)
	}
	connection.PageInfo = page.info(more, cursors)
	return connection
}

func parkedMessage(context string, m *operationsv1.ParkedMessage) *model.ParkedMessage {
	return &model.ParkedMessage{
		ID: model.ParkedID(context, m.GetId()), Key: m.GetId(), Context: context, Type: m.GetType(), Subject: m.GetSubject(),
		Attempts: m.GetAttempts(), Error: m.GetError(),
		FirstFailedAt: m.GetFirstFailedAt().AsTime(), LastFailedAt: m.GetLastFailedAt().AsTime(),
		Behind: m.GetBehind(), Payload: m.Payload,
	}
}

// Retry has messages, or those of a group, tried again. What the contexts that answer say stands beside why the others do not.
func (p Parked) Retry(ctx context.Context, input model.RetryParkedMessagesInput) (*model.RetryParkedMessagesPayload, error) {
	parts, wrong := p.retries(&input)
	payload := &model.RetryParkedMessagesPayload{Failed: []*model.FailedRetry{}, UserErrors: wrong}
	if len(wrong) > 0 {
		return payload, nil
	}
	var mu sync.Mutex
	failures := each(parts, func(_ int, part parkedPart) error {
		answer, err := part.rpc.RetryParked(ctx, &operationsv1.RetryParkedRequest{
			Ids: part.ids, Group: part.group, Payload: input.Payload, DryRun: input.DryRun != nil && *input.DryRun,
		})
		if err != nil {
			return failure(ctx, part.name, err)
		}
		refused, err := refusals(part.name, part.placed(answer.GetUserErrors()))
		mu.Lock()
		defer mu.Unlock()
		payload.Retried += answer.GetRetried()
		payload.UserErrors = append(payload.UserErrors, placedIn(input, refused)...)
		for _, failed := range answer.GetFailed() {
			payload.Failed = append(payload.Failed, &model.FailedRetry{ID: model.ParkedID(part.name, failed.GetId()), Error: failed.GetError()})
		}
		return err
	})
	slices.SortFunc(payload.Failed, func(a, b *model.FailedRetry) int { return cmp.Compare(a.ID, b.ID) })
	return payload, failures
}

// Discard gives messages up. What the contexts that answer say stands beside why the others do not.
func (p Parked) Discard(ctx context.Context, input model.DiscardParkedMessagesInput) (*model.DiscardParkedMessagesPayload, error) {
	parts, wrong := p.parts(input.Ids)
	if len(input.Ids) == 0 {
		wrong = refuse(model.UserErrorCodeRequired, "Name the messages.", "ids")
	}
	payload := &model.DiscardParkedMessagesPayload{UserErrors: wrong}
	if len(wrong) > 0 {
		return payload, nil
	}
	var mu sync.Mutex
	failures := each(parts, func(_ int, part parkedPart) error {
		answer, err := part.rpc.DiscardParked(ctx, &operationsv1.DiscardParkedRequest{Ids: part.ids, Reason: input.Reason})
		if err != nil {
			return failure(ctx, part.name, err)
		}
		refused, err := refusals(part.name, part.placed(answer.GetUserErrors()))
		mu.Lock()
		defer mu.Unlock()
		payload.Discarded += answer.GetDiscarded()
		payload.UserErrors = append(payload.UserErrors, refused...)
		return err
	})
	return payload, failures
}

// parkedPart is what an input wants of one context.
type parkedPart struct {
	parkedIn
	ids []string
	// places are where the ids are in the input.
	places []int
	group  *operationsv1.ParkedGroup
}

// retries divides an input among the contexts, or answers what is wrong with it. It reads messages into what they stand for.
func (p Parked) retries(input *model.RetryParkedMessagesInput) ([]parkedPart, []model.UserError) {
	by := input.Messages
	if by == nil {
		return p.named(*input)
	}
	if input.Ids != nil || input.Group != nil {
		return nil, refuse(model.UserErrorCodeMalformed, "Name the messages once.", "messages")
	}
	input.Ids, input.Group = by.Ids, by.Group
	parts, wrong := p.named(*input)
	return parts, placedIn(*input, wrong)
}

// placedIn are errors with their paths into the input: what names the messages may be within it.
func placedIn(input model.RetryParkedMessagesInput, wrong []model.UserError) []model.UserError {
	for i, one := range wrong {
		if bad, ok := one.(model.InvalidInputError); ok && input.Messages != nil && len(bad.Path) > 0 && bad.Path[0] != "payload" {
			bad.Path = append([]string{"messages"}, bad.Path...)
			wrong[i] = bad
		}
	}
	return wrong
}

func (p Parked) named(input model.RetryParkedMessagesInput) ([]parkedPart, []model.UserError) {
	switch group := input.Group; {
	case group != nil && len(input.Ids) > 0:
		return nil, refuse(model.UserErrorCodeMalformed, "Name messages or a group, not both.", "group")
	case input.Payload != nil && len(input.Ids) != 1:
		return nil, refuse(model.UserErrorCodeMalformed, "A payload can be edited of one message at a time.", "payload")
	case group != nil:
		at := slices.IndexFunc(p, func(in parkedIn) bool { return in.name == group.Context })
		if at < 0 {
			return nil, refuse(model.UserErrorCodeNotFound, "There is no such context.", "group", "context")
		}
		return []parkedPart{{parkedIn: p[at], group: &operationsv1.ParkedGroup{Type: group.Type, Error: group.Error}}}, nil
	case len(input.Ids) == 0:
		return nil, refuse(model.UserErrorCodeRequired, "Name the messages or a group.", "ids")
	}
	return p.parts(input.Ids)
}

// parts divides ids among the contexts, or answers what is wrong with them.
func (p Parked) parts(ids []string) ([]parkedPart, []model.UserError) {
	if len(ids) > mostParked {
		return nil, refuse(model.UserErrorCodeOutOfRange, "At most 100 messages can be named.", "ids")
	}
	parts := make([]parkedPart, len(p))
	var wrong []model.UserError
	for i, id := range ids {
		context, key, err := model.ReadParkedID(id)
		at := slices.IndexFunc(p, func(in parkedIn) bool { return in.name == context })
		if err != nil || at < 0 {
			wrong = append(wrong, refuse(model.UserErrorCodeMalformed, "This is not the id of a parked message.", "ids", strconv.Itoa(i))...)
			continue
		}
		parts[at].parkedIn = p[at]
		parts[at].ids, parts[at].places = append(parts[at].ids, key), append(parts[at].places, i)
	}
	return slices.DeleteFunc(parts, func(part parkedPart) bool { return part.ids == nil }), wrong
}

// placed are a context's problems with their paths into the whole input.
func (part parkedPart) placed(problems []*problemv1.UserError) []*problemv1.UserError {
	for _, problem := range problems {
		if path := problem.GetPath(); len(path) == 2 && path[0] == "ids" {
			if n, err := strconv.Atoi(path[1]); err == nil && n >= 0 && n < len(part.places) {
				path[1] = strconv.Itoa(part.places[n])
			}
		}
	}
	return problems
}
