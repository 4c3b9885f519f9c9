package chronicle

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"quadrille.dev/platform/event"

	"quadrille.dev/services/chronicle/internal/acl"
	"quadrille.dev/services/chronicle/internal/app"
	"quadrille.dev/services/chronicle/internal/saga"
)

// Shown is what chronicle shows of a saga.
type Shown struct {
	State string
	// WaitingFor are the facts one of which comes next, beside what a person or the deadline brings about.
	WaitingFor []string
}

// Show tells an explorer what chronicle shows of each saga, by the id of its order or return, when it has heard facts in the order given.
func Show(ctx context.Context, facts []event.Envelope) (map[string]Shown, error) {
	heard := sagas{}
	for _, e := range facts {
		fact, err := acl.Read(e)
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", e.Name(), err)
		}
		if err := app.Record(ctx, heard, fact, fact.At); err != nil {
			return nil, fmt.Errorf("record %s: %w", e.Name(), err)
		}
	}
	shown := map[string]Shown{}
	for id, s := range heard {
		view := s.View()
		shown[id] = Shown{State: string(view.State), WaitingFor: view.WaitingFor}
	}
	return shown, nil
}

// sagas are a store of nothing else.
type sagas map[string]saga.Saga

// Forget has nothing to forget.
func (s sagas) Forget(context.Context, uuid.UUID) error { return nil }

// Keep forgets the fact.
func (s sagas) Keep(context.Context, app.Fact, time.Time) error { return nil }

// Expect has nothing to read.
func (s sagas) Expect(context.Context, []app.Expected) error { return nil }

// Saga answers what was heard.
func (s sagas) Saga(_ context.Context, process *saga.Process, id string) (saga.Saga, error) {
	if known, heard := s[id]; heard {
		return known, nil
	}
	return saga.Saga{ID: id, Process: process}, nil
}

// Save keeps the saga, and forgets the fact.
func (s sagas) Save(_ context.Context, changed saga.Saga, _ app.Fact, _ time.Time) error {
	s[changed.ID] = changed
	return nil
}
