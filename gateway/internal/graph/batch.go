package graph

import (
	"context"
	"slices"

	"github.com/99designs/gqlgen/graphql"

	"quadrille.dev/gateway/internal/acl"
	"quadrille.dev/gateway/internal/fault"
	"quadrille.dev/gateway/internal/graph/model"
)

// batch says how a field in another context is read for objects of type T. gqlgen hands over the objects of one list; the
// siblings of these are often in other lists of the same answer (edges, the lines of other orders) and are read along.
type batch[T, V any] struct {
	// name is what is read; fields that are read by the same call share it.
	name     string
	siblings func(T) *model.Siblings[T]
	key      func(T) string
	// read answers values by key. With an error it answers those that it has nevertheless.
	read func(ctx context.Context, keys []string) (map[string]V, error)
}

// resolve answers the value of each object; nil where the context has none. Each object has an error of its own.
func (b batch[T, V]) resolve(ctx context.Context, objects []T) ([]V, error) {
	values, errors := make([]V, len(objects)), make(graphql.BatchErrorList, len(objects))
	failed := false
	for i, object := range objects {
		found, err := b.all(ctx, object)
		value, there := found[b.key(object)]
		if values[i] = value; there {
			continue
		}
		errors[i] = err
		failed = failed || err != nil
	}
	if !failed {
		return values, nil
	}
	return values, errors
}

// all is what is read for an object and its siblings.
func (b batch[T, V]) all(ctx context.Context, object T) (map[string]V, error) {
	return model.Once(ctx, b.siblings(object), b.name, func(all []T) (map[string]V, error) {
		keys := make([]string, len(all))
		for i, one := range all {
			keys[i] = b.key(one)
		}
		slices.Sort(keys)
		return b.read(ctx, slices.Compact(keys))
	})
}

// most is how many rows a page may have, and how many ids nodes may be given.
const most = 100

// page reads the arguments of a connection.
func page(first int32, after *string) (acl.Page, error) {
	if first < 1 || first > most {
		return acl.Page{}, fault.TooMany("first is %d; it must be 1 to %d.", first, most)
	}
	if after == nil {
		return acl.Page{First: first}, nil
	}
	return acl.Page{First: first, After: *after}, nil
}
