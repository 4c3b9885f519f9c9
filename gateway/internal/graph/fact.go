package graph

import (
	"context"

	"quadrille.dev/gateway/internal/acl"
	"quadrille.dev/gateway/internal/graph/model"
)

type fact struct{ *Resolver }

func (r fact) Payload(ctx context.Context, facts []*model.Fact) ([]*string, error) {
	return inspected(ctx, r, facts, func(told acl.Inspected) *string { return &told.Payload })
}

func (r fact) TraceID(ctx context.Context, facts []*model.Fact) ([]*string, error) {
	return inspected(ctx, r, facts, func(told acl.Inspected) *string {
		if told.TraceID == "" {
			return nil
		}
		return &told.TraceID
	})
}

func (r fact) TraceURL(ctx context.Context, facts []*model.Fact) ([]*string, error) {
	return inspected(ctx, r, facts, func(told acl.Inspected) *string { return r.Links.Trace(told.TraceID) })
}

func (r fact) Effect(ctx context.Context, facts []*model.Fact) ([]*model.FactEffect, error) {
	return inspected(ctx, r, facts, func(told acl.Inspected) *model.FactEffect { return told.Effect })
}

// factSiblings are the facts that are read along. One that is told by itself, in a stream, has none: whoever is told reads anew.
func factSiblings(f *model.Fact) *model.FactSiblings {
	if f.Siblings == nil {
		return &model.FactSiblings{All: []*model.Fact{f}}
	}
	return f.Siblings
}

// inspected is a part of what operators may know of facts, all of which is read at once.
func inspected[V any](ctx context.Context, r fact, facts []*model.Fact, part func(acl.Inspected) *V) ([]*V, error) {
	told, err := batch[*model.Fact, *acl.Inspected]{
		name:     "inspected",
		siblings: factSiblings,
		key:      func(f *model.Fact) string { return f.ID },
		read:     r.Chronicle.Inspect,
	}.resolve(ctx, facts)
	parts := make([]*V, len(facts))
	for i, one := range told {
		if one != nil {
			parts[i] = part(*one)
		}
	}
	return parts, err
}

func (r fact) Deliveries(ctx context.Context, of *model.Fact) ([]*model.Delivery, error) {
	delivered, err := model.Once(ctx, factSiblings(of), "deliveries", func(all []*model.Fact) (*acl.Delivered, error) {
		return r.Parked.Deliveries(ctx, all)
	})
	if delivered == nil {
		return nil, err
	}
	deliveries, err := delivered.Of(of)
	beside(ctx, err)
	return deliveries, nil
}
