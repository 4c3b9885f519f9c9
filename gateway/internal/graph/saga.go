package graph

import (
	"context"
	"fmt"
	"strings"
	"time"

	"quadrille.dev/gateway/internal/acl"
	"quadrille.dev/gateway/internal/fault"
	"quadrille.dev/gateway/internal/graph/model"
)

type saga struct{ *Resolver }

func (r saga) Subject(ctx context.Context, sagas []*model.Saga) ([]model.SagaSubject, error) {
	return batch[*model.Saga, model.SagaSubject]{
		name:     "subject",
		siblings: func(s *model.Saga) *model.SagaSiblings { return s.Siblings },
		key:      func(s *model.Saga) string { return string(s.Kind) + " " + s.Key },
		read:     r.subjects,
	}.resolve(ctx, sagas)
}

// subjects are orders and returns by the kind of their saga, a space, and their key.
func (r saga) subjects(ctx context.Context, wanted []string) (map[string]model.SagaSubject, error) {
	keys := map[model.SagaKind][]string{}
	for _, one := range wanted {
		kind, key, _ := strings.Cut(one, " ")
		keys[model.SagaKind(kind)] = append(keys[model.SagaKind(kind)], key)
	}
	orders, err := r.Ordering.ByID(ctx, keys[model.SagaKindOrder])
	returns, failed := r.Ordering.Returns(ctx, keys[model.SagaKindReturn])
	if err == nil {
		err = failed
	}
	subjects := make(map[string]model.SagaSubject, len(wanted))
	for key, order := range orders.Found {
		subjects[string(model.SagaKindOrder)+" "+key] = order
	}
	for key, one := range returns.Found {
		subjects[string(model.SagaKindReturn)+" "+key] = one
	}
	return subjects, err
}

func (r saga) Timeline(ctx context.Context, of *model.Saga, first int32, after *string) (*model.FactConnection, error) {
	page, err := page(first, after)
	if err != nil {
		return nil, err
	}
	timelines, err := batch[*model.Saga, *model.FactConnection]{
		name:     fmt.Sprintf("timeline of %d after %s", page.First, page.After),
		siblings: func(s *model.Saga) *model.SagaSiblings { return s.Siblings },
		key:      func(s *model.Saga) string { return s.Key },
		read: func(ctx context.Context, keys []string) (map[string]*model.FactConnection, error) {
			return r.Chronicle.Timelines(ctx, keys, page)
		},
	}.all(ctx, of)
	return timelines[of.Key], err
}

// longest is how many seconds a saga can be waited for.
const longest = 25

func (r query) Saga(ctx context.Context, id string, until *model.SagaMilestone, waitSeconds int32) (*model.Saga, error) {
	key, err := sagaKey(id)
	if err != nil {
		return nil, err
	}
	if waitSeconds < 0 || waitSeconds > longest {
		return nil, fault.TooMany("waitSeconds is %d; it must be 0 to %d.", waitSeconds, longest)
	}
	read := func(ctx context.Context) (*model.Saga, error) {
		found, err := r.Chronicle.Sagas(ctx, []string{key})
		if err != nil || found[key] == nil {
			return nil, err
		}
		return found[key], mayHave(ctx, found[key]) // nobody waits for what they may not have
	}
	if until == nil {
		return read(ctx)
	}
	return r.Live.Await(ctx, key, time.Duration(waitSeconds)*time.Second, read, settled)
}

// sagaKey is the key of a saga, which is named by its own id or by that of its order or return.
func sagaKey(id string) (string, error) {
	if kind, key, err := model.ReadGlobalID(id); err == nil && (kind == model.KindOrder || kind == model.KindReturn) {
		return key, nil
	}
	return model.Key(model.KindSaga, id)
}

func settled(s *model.Saga) bool {
	return s.State == model.SagaStateCompleted || s.State == model.SagaStateCompensated
}

func (r query) Sagas(ctx context.Context, filter *model.SagaFilter, first int32, after *string) (*model.SagaConnection, error) {
	page, err := page(first, after)
	if err != nil {
		return nil, err
	}
	wanted, possible, err := r.sagaFilter(ctx, filter)
	if err != nil {
		return nil, err
	}
	if !possible {
		return &model.SagaConnection{Edges: []*model.SagaEdge{}, Nodes: []*model.Saga{}, PageInfo: &model.PageInfo{}}, nil
	}
	return r.Chronicle.List(ctx, page, wanted)
}

// sagaFilter reads a filter; not possible is one that no saga can pass.
func (r query) sagaFilter(ctx context.Context, filter *model.SagaFilter) (wanted acl.SagaFilter, possible bool, err error) {
	if filter == nil {
		return wanted, true, nil
	}
	if filter.State != nil && filter.States != nil {
		return wanted, false, fault.BadInput("Say in which state the sagas are by state or by states, not by both.")
	}
	wanted.Kind = string(or(filter.Kind))
	if filter.State != nil {
		wanted.States = []string{string(*filter.State)}
	}
	for _, state := range filter.States {
		wanted.States = append(wanted.States, string(state))
	}
	if filter.States != nil && len(filter.States) == 0 {
		return wanted, false, nil
	}
	search := strings.TrimSpace(or(filter.Search))
	switch about := filter.About; {
	case about != nil && search != "":
		return wanted, false, fault.BadInput("Say what the sagas are about by search or by about, not by both.")
	case about != nil && about.CustomerID != nil:
		wanted.Customer, err = model.Key(model.KindCustomer, *about.CustomerID)
		return wanted, err == nil, err
	case about != nil && about.SKU != nil:
		wanted.SKU = acl.SKU(strings.TrimSpace(*about.SKU))
		return wanted, wanted.SKU != "", nil
	case about != nil && about.CustomerEmail != nil:
		search = strings.TrimSpace(*about.CustomerEmail)
	case about != nil:
		wanted.OrderNumber = strings.ToUpper(strings.TrimSpace(*about.OrderNumber))
		return wanted, wanted.OrderNumber != "", nil
	case !strings.Contains(search, "@"):
		wanted.OrderNumber = strings.ToUpper(search)
		return wanted, true, nil
	}
	wanted.Customer, err = r.Customers.IDByEmail(ctx, search)
	return wanted, wanted.Customer != "", err
}
