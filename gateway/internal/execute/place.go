package execute

import (
	"context"

	"github.com/99designs/gqlgen/graphql"
)

// at is the context in which a field of a row is resolved: it says where, as gqlgen's own executor does.
func (x *Execution) at(s *Selection, f *Field, row int) context.Context {
	return x.within(fieldContext(x.object(s, row), s, f))
}

// within is the context of a place, below whatever place that says it is.
func (x *Execution) within(place *graphql.FieldContext) context.Context {
	above := place.Parent
	ctx := graphql.WithFieldContext(x.ctx, place)
	place.Parent = above // gqlgen takes it from the context, which is of no place
	return ctx
}

func fieldContext(parent *graphql.FieldContext, s *Selection, f *Field) *graphql.FieldContext {
	return &graphql.FieldContext{
		Parent: parent, Object: s.Object.Name, Field: f.collected, IsMethod: f.Kind == Resolved, IsResolver: f.Kind == Resolved,
	}
}

// object is where the object of a row is; nil for the root.
func (x *Execution) object(s *Selection, row int) *graphql.FieldContext {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.placed(s, row)
}

// placed answers nothing for a subscription's event either: gqlgen tells of what is within an event where it is in the event.
func (x *Execution) placed(s *Selection, row int) *graphql.FieldContext {
	if s.parent == nil || s.parent.parent == nil && x.plan.Streams() {
		return nil
	}
	f := &x.frames[s.frame]
	if len(f.contexts) < len(f.places) {
		f.contexts = append(f.contexts, make([]*graphql.FieldContext, len(f.places)-len(f.contexts))...)
	}
	if f.contexts[row] == nil {
		place := f.places[row]
		context := fieldContext(x.placed(s.parent, place.Row), s.parent, s.of)
		if place.Index >= 0 {
			context = &graphql.FieldContext{Parent: context, Index: &place.Index}
		}
		f.contexts[row] = context
	}
	return f.contexts[row]
}

// step is where the writer is on its way down: in a field of an object, at an index if that is a list.
type step struct {
	selection *Selection
	field     *Field
	index     int
}

// Enter says that the writer goes down into a field.
func (x *Execution) Enter(s *Selection, f *Field) { x.trail = append(x.trail, step{s, f, -1}) }

// Index says at which element of the list the writer is.
func (x *Execution) Index(i int) { x.trail[len(x.trail)-1].index = i }

// Leave says that the writer is back.
func (x *Execution) Leave() { x.trail = x.trail[:len(x.trail)-1] }

// wereRead stands for the arguments of fields that were resolved: without any, what is wrong would be taken to be wrong with them.
var wereRead = map[string]any{}

// Missing says that where the writer is there is null, and must not be.
func (x *Execution) Missing(declared string) {
	var parent *graphql.FieldContext
	for _, step := range x.trail {
		parent = fieldContext(parent, step.selection, step.field)
		parent.Args = wereRead
		if step.index >= 0 {
			parent = &graphql.FieldContext{Parent: parent, Index: &step.index}
		}
	}
	if parent == nil {
		graphql.AddInvalidNullError(x.ctx, declared)
		return
	}
	graphql.AddInvalidNullError(x.within(parent), declared)
}
