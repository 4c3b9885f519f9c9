// Package app records facts.
package app

import (
	"context"
	"encoding/json"
	"time"

	"github.com/google/uuid"

	"quadrille.dev/services/chronicle/internal/saga"
)

// Fact is a public fact of any context, known to chronicle or not.
type Fact struct {
	ID            uuid.UUID
	Name          string
	Version       int
	Context       string
	Subject       string
	CorrelationID string
	CausationID   string
	At            time.Time
	// Envelope is the whole message as it travelled, personal data blotted out.
	Envelope json.RawMessage
	// Process is what the fact is part of, or remarks on; nil when it is part of none.
	Process *saga.Process
	// Remark is set when the fact only tells something about a saga.
	Remark bool
	// Step is of which step of the process the fact is, if it can be of several.
	Step string
	// Order is set when the fact tells what its saga is about.
	Order *saga.Order
	// SKUs are those of the lines of what the saga is about, if the fact tells that.
	SKUs []string
	// Erased is the customer who is erased by the fact; zero for every other fact.
	Erased uuid.UUID
	// Action is set when the fact tells what an operator did.
	Action *Action
}

// Heard is the fact as its saga hears it.
func (f Fact) Heard() saga.Fact {
	return saga.Fact{Name: f.Name, Step: f.Step, Remark: f.Remark, At: f.At, Order: f.Order}
}

// Action is what an operator did, in the words of the context in which it was done.
type Action struct{ Actor, Action, Target, Detail string }

// Expected is a fact that is about to be recorded, and the saga that it belongs to.
type Expected struct {
	Fact    uuid.UUID
	Saga    string
	Process *saga.Process
}

// Store keeps facts and sagas, within one transaction.
type Store interface {
	// Keep stores a fact that belongs to no saga. Keeping it again changes nothing.
	Keep(ctx context.Context, fact Fact, recorded time.Time) error
	// Forget blots messages about an erased customer that wait to be recorded. What is recorded is blotted already.
	Forget(ctx context.Context, customer uuid.UUID) error
	// Expect reads and locks the sagas to which facts are about to be recorded, all at once. Those that were not heard of may be there
	// from then on, and have heard nothing.
	Expect(ctx context.Context, facts []Expected) error
	// Saga locks a saga until the end of the transaction; one that was not heard of yet has heard nothing.
	Saga(ctx context.Context, process *saga.Process, id string) (saga.Saga, error)
	// Save stores a saga with the fact that it heard last, and announces the two once they are committed. Saving with a fact
	// that is already stored changes nothing.
	Save(ctx context.Context, s saga.Saga, fact Fact, recorded time.Time) error
}
