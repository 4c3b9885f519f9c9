package graph

import (
	"context"

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
			refuseElement(ctx, i, found.err)
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

// mayAskFor refuses, before any context is asked, those who can get no object of a kind.
func mayAskFor(ctx context.Context, kind string) error {
	switch kind {
	case model.KindProduct:
		return nil
	case model.KindAudit, model.KindParked:
		return maySee(ctx, nobodys)
	default:
		_, err := viewer.Require(ctx)
		return err
	}
}

// ofKind reads objects of one kind.
func (r query) ofKind(ctx context.Context, kind string, keys []string) func(key string) node {
	if err := mayAskFor(ctx, kind); err != nil {
		return func(string) node { return node{err: err} }
	}
	switch kind {
	case model.KindProduct:
		return among(r.Goods.ByID(ctx, keys))
	case model.KindOrder:
		orders, err := r.Ordering.ByID(ctx, keys)
		return func(key string) node {
			if orders.Forbidden[key] {
				return node{err: foreign()}
			}
			return among(orders.Found, err)(key)
		}
	case model.KindReturn:
		returns, err := r.Ordering.Returns(ctx, keys)
		return func(key string) node {
			if returns.Forbidden[key] {
				return node{err: foreign()}
			}
			return among(returns.Found, err)(key)
		}
	case model.KindCustomer:
		return r.customers(ctx, keys)
	case model.KindFact:
		return among(r.Chronicle.Facts(ctx, keys))
	case model.KindAudit:
		return among(r.Chronicle.AuditEntries(ctx, keys))
	case model.KindParked:
		return among(r.Parked.ByKey(ctx, keys))
	default:
		return among(r.Chronicle.Sagas(ctx, keys))
	}
}

// customers reads customers, of whom the ids alone tell whether the viewer may see them.
func (r query) customers(ctx context.Context, keys []string) func(key string) node {
	var visible []string
	for _, key := range keys {
		if viewer.MaySee(ctx, key) {
			visible = append(visible, key)
		}
	}
	found, err := r.Customers.ByID(ctx, visible)
	return func(key string) node {
		if refused := maySee(ctx, key); refused != nil {
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
