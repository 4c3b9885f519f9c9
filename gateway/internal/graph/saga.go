package graph

import (
	"context"
	"strings"

	"quadrille.dev/gateway/internal/acl"
	"quadrille.dev/gateway/internal/graph/model"
	"quadrille.dev/gateway/internal/viewer"
)

type saga struct{ *Resolver }

func (r saga) Subject(ctx context.Context, sagas []*model.Saga) ([]model.SagaSubject, error) {
	return batch[*model.Saga, model.SagaSubject]{
		name:     "subject",
		siblings: func(s *model.Saga) *model.SagaSiblings { return s.Siblings },
		key:      func(s *model.Saga) string { return s.Key },
		read: func(ctx context.Context, keys []string) (map[string]model.SagaSubject, error) {
			orders, err := r.visibleOrders(ctx, keys)
			subjects := make(map[string]model.SagaSubject, len(orders.Found))
			for key, order := range orders.Found {
				subjects[key] = order
			}
			return subjects, err
		},
	}.resolve(ctx, sagas)
}

func (r query) Sagas(ctx context.Context, filter *model.SagaFilter, first int32, after *string) (*model.SagaConnection, error) {
	if err := viewer.RequireOperator(ctx); err != nil {
		return nil, err
	}
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
	if filter.State != nil {
		wanted.State = string(*filter.State)
	}
	search := strings.TrimSpace(or(filter.Search))
	if !strings.Contains(search, "@") {
		wanted.OrderNumber = strings.ToUpper(search)
		return wanted, true, nil
	}
	wanted.Customer, err = r.Customers.IDByEmail(ctx, search)
	return wanted, wanted.Customer != "", err
}
