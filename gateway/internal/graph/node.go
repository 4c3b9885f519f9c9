package graph

import (
	"context"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"quadrille.dev/gateway/internal/fault"
	"quadrille.dev/gateway/internal/graph/model"
	"quadrille.dev/gateway/internal/viewer"
)

func (r query) Node(ctx context.Context, id string) (model.Node, error) {
	found := r.nodes(ctx, []string{id})
	return found[0].Node, found[0].err
}

func (r query) Nodes(ctx context.Context, ids []string) ([]model.Node, error) {
	if len(ids) > most {
		return nil, fault.TooMany("There are %d ids; at most %d can be asked for.", len(ids), most)
	}
	nodes := make([]model.Node, len(ids))
	for i, found := range r.nodes(ctx, ids) {
		nodes[i] = found.Node
		if found.err != nil {
			path := append(append(ast.Path{}, graphql.GetPath(ctx)...), ast.PathIndex(i))
			graphql.AddError(ctx, gqlerror.WrapPath(path, found.err))
		}
	}
	return nodes, nil
}

// node is an object, or why there is none.
type node struct {
	model.Node
	err error
}

// nodes answers objects by their global ids, with one call for each kind.
func (r query) nodes(ctx context.Context, ids []string) []node {
	kinds, keys := make([]string, len(ids)), make([]string, len(ids))
	wanted := map[string][]string{}
	nodes := make([]node, len(ids))
	for i, id := range ids {
		if kinds[i], keys[i], nodes[i].err = model.ReadGlobalID(id); nodes[i].err == nil {
			wanted[kinds[i]] = append(wanted[kinds[i]], keys[i])
		}
	}
	found := make(map[string]func(key string) node, len(wanted))
	for kind, keys := range wanted {
		found[kind] = r.ofKind(ctx, kind, keys)
	}
	for i, kind := range kinds {
		if nodes[i].err == nil {
			nodes[i] = found[kind](keys[i])
		}
	}
	return nodes
}

// ofKind reads objects of one kind, as far as the viewer may see them.
func (r query) ofKind(ctx context.Context, kind string, keys []string) func(key string) node {
	if kind == model.KindProduct {
		found, err := r.Goods.ByID(ctx, keys)
		return among(found, err)
	}
	if _, err := viewer.Require(ctx); err != nil {
		return among[*model.Order](nil, err)
	}
	switch kind {
	case model.KindOrder:
		orders, err := r.visibleOrders(ctx, keys)
		return func(key string) node {
			if orders.Forbidden[key] {
				return node{err: foreignOrder()}
			}
			return among(orders.Found, err)(key)
		}
	case model.KindCustomer:
		return r.customers(ctx, keys)
	default:
		return r.sagas(ctx, keys)
	}
}

func (r query) sagas(ctx context.Context, keys []string) func(key string) node {
	found, err := r.Chronicle.Sagas(ctx, keys)
	return func(key string) node {
		if saga := found[key]; saga != nil && !viewer.MaySee(ctx, saga.CustomerKey) {
			return node{err: foreignOrder()}
		}
		return among(found, err)(key)
	}
}

func (r query) customers(ctx context.Context, keys []string) func(key string) node {
	var visible []string
	for _, key := range keys {
		if viewer.MaySee(ctx, key) {
			visible = append(visible, key)
		}
	}
	found, err := r.Customers.ByID(ctx, visible)
	return func(key string) node {
		if refused := viewer.RequireSight(ctx, key); refused != nil {
			return node{err: refused}
		}
		return among(found, err)(key)
	}
}

// among picks objects from those found; err is why none were.
func among[T interface {
	comparable
	model.Node
}](found map[string]T, err error) func(key string) node {
	return func(key string) node {
		object := found[key]
		if object == *new(T) {
			return node{err: err}
		}
		return node{Node: object}
	}
}
