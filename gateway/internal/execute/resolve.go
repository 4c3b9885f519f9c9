package execute

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"sync"
	"sync/atomic"

	"github.com/99designs/gqlgen/graphql"
)

// Guards are what a field's directives do with what is next.
type Guards[T any] func(ctx context.Context, object T, next graphql.Resolver) (any, error)

// Batch has a field resolved for the objects of all selections that are due, in one call.
func Batch[T, V any](x *Execution, due Due, resolve func(context.Context, []T) ([]V, error)) {
	b := newBatch(x, due, resolve)
	b.ask(x.at(due.Selection, due.Field, 0))
	for offset, of := range b.parts() {
		answers := keep[V](x, of)
		answers.values = b.values[offset : offset+len(answers.values) : offset+len(answers.values)]
		if b.errs == nil {
			continue
		}
		for row := range answers.values {
			if err := b.errs[offset+row]; err != nil {
				ctx := x.at(of.Selection, of.Field, row)
				x.refuse(ctx, of, row, err)
				answers.none(ctx, of.Field, row)
			}
		}
	}
}

// GuardedBatch is a Batch of a field with directives, which look at each object. Nothing is asked unless they let at least one be asked about.
func GuardedBatch[T, V any](x *Execution, due Due, resolve func(context.Context, []T) ([]V, error), guards Guards[T]) {
	b := newBatch(x, due, resolve)
	for offset, of := range b.parts() {
		answers := keep[V](x, of)
		for row := range answers.values {
			at := x.at(of.Selection, of.Field, row)
			answers.settle(at, x, of.Field, row, func() (any, error) {
				return guards(at, b.objects[offset+row], func(ctx context.Context) (any, error) {
					b.ask(ctx)
					if b.errs != nil && b.errs[offset+row] != nil {
						x.refuse(ctx, of, row, b.errs[offset+row])
						return nil, nil
					}
					return b.values[offset+row], nil
				})
			})
		}
	}
}

// batch is one call for many objects.
type batch[T, V any] struct {
	x       *Execution
	due     Due
	resolve func(context.Context, []T) ([]V, error)
	objects []T

	asked  bool
	values []V
	// errs are by object; nil if there are none.
	errs []error
}

func newBatch[T, V any](x *Execution, due Due, resolve func(context.Context, []T) ([]V, error)) *batch[T, V] {
	b := &batch[T, V]{x: x, due: due, resolve: resolve, objects: objectsOf[T](x, due.Selection)}
	if len(due.with) > 0 {
		b.objects = b.objects[:len(b.objects):len(b.objects)]
	}
	for _, other := range due.with {
		b.objects = append(b.objects, objectsOf[T](x, other.Selection)...)
	}
	return b
}

func objectsOf[T any](x *Execution, s *Selection) []T { return *x.frames[s.frame].objects.(*[]T) }

// parts are the selections that are asked about together, by where their objects begin among all.
func (b *batch[T, V]) parts() iter.Seq2[int, Due] {
	return func(yield func(int, Due) bool) {
		offset := 0
		if !yield(offset, b.due) {
			return
		}
		offset += len(b.x.frames[b.due.Selection.frame].places)
		for _, other := range b.due.with {
			if !yield(offset, other) {
				return
			}
			offset += len(b.x.frames[other.Selection.frame].places)
		}
	}
}

// ask makes the call, once.
func (b *batch[T, V]) ask(ctx context.Context) {
	if b.asked {
		return
	}
	b.asked = true
	ctx = b.due.seat.With(ctx)
	values, err := recovering(ctx, b.x, func() ([]V, error) { return b.resolve(ctx, b.objects) })
	each, ok := errors.AsType[graphql.BatchErrors](err)
	switch {
	case err != nil && !ok:
	case len(values) != len(b.objects):
		err = fmt.Errorf("resolve %s of %d objects: %d were answered", b.due.Field.collected.Name, len(b.objects), len(values))
	case err == nil:
		b.values = values
		return
	case len(each.Errors()) == len(b.objects):
		b.values, b.errs = values, each.Errors()
		return
	}
	b.values, b.errs = make([]V, len(b.objects)), make([]error, len(b.objects))
	for i := range b.errs {
		b.errs[i] = err
	}
}

// refuse adds the error of a row of what was asked in a batch.
func (x *Execution) refuse(ctx context.Context, of Due, row int, err error) {
	graphql.AddBatchError(ctx, x.frames[of.Selection.frame].places[row].Index, err)
}

// Resolver answers a field of one object, for arguments that were read.
type Resolver[T, V any] func(ctx context.Context, object T, args map[string]any) (V, error)

// Reader reads a field's arguments.
type Reader func(ctx context.Context, raw map[string]any) (map[string]any, error)

// workers is how many objects are asked about at the same time where there is no batch.
const workers = 4

// Each has a field resolved for the objects of a selection, one by one. There is no reader if there are no arguments, and no guards without directives.
func Each[T, V any](x *Execution, due Due, read Reader, resolve Resolver[T, V], guards Guards[T]) {
	objects, answers := objectsOf[T](x, due.Selection), keep[V](x, due)
	answers.null = make([]bool, len(objects)) // so that rows can be settled at the same time
	if len(objects) == 1 {
		each(x, due, read, resolve, guards, answers, objects, 0)
		return
	}
	var next atomic.Int64
	var all sync.WaitGroup
	for range min(workers, len(objects)) {
		hands.do(&all, func() {
			for row := int(next.Add(1)) - 1; row < len(objects); row = int(next.Add(1)) - 1 {
				each(x, due, read, resolve, guards, answers, objects, row)
			}
		})
	}
	all.Wait()
}

func each[T, V any](
	x *Execution, due Due, read Reader, resolve Resolver[T, V], guards Guards[T], answers *Answers[V], objects []T, row int,
) {
	at := x.at(due.Selection, due.Field, row)
	var args map[string]any
	if read != nil {
		var err error
		args, err = recovering(at, x, func() (map[string]any, error) {
			return read(at, due.Field.collected.ArgumentMap(x.operation.Variables))
		})
		if err != nil {
			x.operation.Error(at, err)
			answers.null[row] = true
			return
		}
		graphql.GetFieldContext(at).Args = args
	}
	if guards == nil {
		value, err := recovering(at, x, func() (V, error) { return resolve(at, objects[row], args) })
		if answers.values[row] = value; err != nil {
			answers.fail(at, x, row, err)
		}
		return
	}
	answers.settle(at, x, due.Field, row, func() (any, error) {
		return guards(at, objects[row], func(ctx context.Context) (any, error) { return resolve(ctx, objects[row], args) })
	})
}

// Guard is what a field with directives is that is read from an object; it is added to the answers of the field.
func Guard[V any](x *Execution, s *Selection, f *Field, row int, read func(ctx context.Context) (any, error)) (value V, known bool) {
	frame := &x.frames[s.frame]
	if frame.answers[f.answer] == nil {
		frame.answers[f.answer] = &Answers[V]{}
	}
	answers := frame.answers[f.answer].(*Answers[V])
	answers.values, answers.null = append(answers.values, *new(V)), append(answers.null, false)
	at := x.at(s, f, row)
	answers.settle(at, x, f, row, func() (any, error) { return read(at) })
	return answers.values[row], !answers.null[row]
}

func keep[V any](x *Execution, due Due) *Answers[V] {
	frame := &x.frames[due.Selection.frame]
	answers := &Answers[V]{values: make([]V, len(frame.places))}
	frame.answers[due.Field.answer] = answers
	return answers
}

// settle takes what directives let through. What they let through is of any type, as far as Go knows.
func (a *Answers[V]) settle(at context.Context, x *Execution, f *Field, row int, ask func() (any, error)) {
	answer, err := recovering(at, x, ask)
	value, ok := answer.(V)
	switch {
	case err != nil:
		a.fail(at, x, row, err)
	case answer == nil:
		a.none(at, f, row)
	case !ok:
		graphql.AddErrorf(at, "unexpected type %T from directives, should be %T", answer, value)
		a.nothing(row)
	default:
		a.values[row] = value
	}
}

// panicked is an error that has been presented as such already.
type panicked struct{ error }

func (a *Answers[V]) fail(at context.Context, x *Execution, row int, err error) {
	if broken, ok := err.(panicked); ok { //nolint:errorlint // it is never wrapped
		x.operation.Error(at, broken.error)
		a.nothing(row)
		return
	}
	x.operation.Error(at, graphql.AddFieldLocationToError(at, err))
	a.nothing(row)
}

// none makes a row null for which nothing was said why.
func (a *Answers[V]) none(at context.Context, f *Field, row int) {
	if f.collected.Definition.Type.NonNull {
		graphql.AddInvalidNullError(at, "")
	}
	a.nothing(row)
}

func (a *Answers[V]) nothing(row int) {
	if a.null == nil {
		a.null = make([]bool, len(a.values))
	}
	a.null[row] = true
	a.values[row] = *new(V)
}

// recovering makes an error of a panic.
func recovering[V any](ctx context.Context, x *Execution, call func() (V, error)) (value V, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = panicked{x.operation.Recover(ctx, cause)}
		}
	}()
	return call()
}
