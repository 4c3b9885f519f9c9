package chronicle

import (
	"context"
	"time"

	"github.com/google/uuid"

	"quadrille.dev/platform/event"
	"quadrille.dev/services/chronicle/internal/acl"
	"quadrille.dev/services/chronicle/internal/app"
	"quadrille.dev/services/chronicle/internal/saga"
)

// Observer is chronicle as an explorer uses it: the shipped routes and the shipped derivation, in memory. It publishes nothing and
// takes part in no saga.
type Observer struct {
	sagas map[string]saga.Saga
	facts map[uuid.UUID]bool
}

// View is how a saga stands.
type View = saga.View

// NewObserver has heard nothing.
func NewObserver() *Observer {
	return &Observer{sagas: map[string]saga.Saga{}, facts: map[uuid.UUID]bool{}}
}

// Hear records a fact.
func (o *Observer) Hear(ctx context.Context, fact event.Envelope, at time.Time) error {
	return acl.Routes().Handle(ctx, observed{o}, fact, at)
}

// View is how a saga stands, and how many facts it has heard; zero before the first.
func (o *Observer) View(id string) (view View, facts int64) {
	s, heard := o.sagas[id]
	if !heard {
		return View{}, 0
	}
	return s.View(), s.Sequence
}

// observed is the store of an Observer.
type observed struct{ *Observer }

// Forget does nothing: nothing waits here.
func (o observed) Forget(context.Context, uuid.UUID) error { return nil }

// Expect has nothing to read.
func (o observed) Expect(context.Context, []app.Expected) error { return nil }

func (o observed) Keep(_ context.Context, fact app.Fact, _ time.Time) error {
	o.facts[fact.ID] = true
	return nil
}

func (o observed) Saga(_ context.Context, process *saga.Process, id string) (saga.Saga, error) {
	if s, heard := o.sagas[id]; heard {
		return s, nil
	}
	return saga.Saga{ID: id, Process: process}, nil
}

func (o observed) Save(_ context.Context, s saga.Saga, fact app.Fact, _ time.Time) error {
	if !o.facts[fact.ID] {
		o.facts[fact.ID], o.sagas[s.ID] = true, s
	}
	return nil
}
