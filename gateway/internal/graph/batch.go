package graph

import (
	"context"
	"slices"

	"github.com/99designs/gqlgen/graphql"

	"quadrille.dev/gateway/internal/acl"
	"quadrille.dev/gateway/internal/fault"
	"quadrille.dev/gateway/internal/graph/model"
)

// batch says how a field in another context is read for objects of type T. Whoever executes an operation hands over as many of them as it
// has at hand; their siblings are often in other lists of the same answer (edges, the lines of other orders) and are read along.
type batch[T, V any] struct {
	// name is what is read; fields that are read by the same call share it.
	name string
	// siblings are those of an object, which is asked for them once.
	siblings func(T) *model.Siblings[T]
	key      func(T) string
	// read answers values by key. With an error it answers those that it has nevertheless.
	read func(ctx context.Context, keys []string) (map[string]V, error)
}

// resolve answers the value of each object; nil where the context has none. Each object has an error of its own.
func (b batch[T, V]) resolve(ctx context.Context, objects []T) ([]V, error) {
	values, errors := make([]V, len(objects)), graphql.BatchErrorList(nil)
	groups, siblings := b.groups(objects)
	outcomes := model.OnceEach(ctx, groups, b.name, b.readAll(ctx))
	var outcome model.Outcome[map[string]V]
	for i, object := range objects {
		if i == 0 || siblings[i] != siblings[i-1] {
			outcome = outcomes[siblings[i]]
		}
		value, there := outcome.Value[b.key(object)]
		if values[i] = value; there || outcome.Err == nil {
			continue
		}
		if errors == nil {
			errors = make(graphql.BatchErrorList, len(objects))
		}
		errors[i] = outcome.Err
	}
	if errors == nil {
		return values, nil
	}
	return values, errors
}

// groups are the siblings that objects are among, each once, and those of each object.
func (b batch[T, V]) groups(objects []T) (groups, of []*model.Siblings[T]) {
	of = make([]*model.Siblings[T], len(objects))
	for i, object := range objects {
		of[i] = b.siblings(object)
		if i > 0 && of[i] == of[i-1] {
			continue
		}
		if !slices.Contains(groups, of[i]) {
			groups = append(groups, of[i])
		}
	}
	return groups, of
}

// all is what is read for an object and its siblings.
func (b batch[T, V]) all(ctx context.Context, object T) (map[string]V, error) {
	return model.Once(ctx, b.siblings(object), b.name, b.readAll(ctx))
}

// readAll asks for each key once.
func (b batch[T, V]) readAll(ctx context.Context) func(all []T) (map[string]V, error) {
	return func(all []T) (map[string]V, error) {
		keys := make([]string, len(all))
		for i, one := range all {
			keys[i] = b.key(one)
		}
		slices.Sort(keys)
		return b.read(ctx, slices.Compact(keys))
	}
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
