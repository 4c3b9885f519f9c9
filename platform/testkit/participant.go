// Package testkit is what tests of every context use: real servers, and contexts as participants of an exploration.
package testkit

import (
	"context"
	"time"

	"github.com/google/uuid"

	"quadrille.dev/platform/event"
)

// Participant is a context as an explorer drives it: the shipped routes, use cases and model over a store in memory, with every
// source of chance in the explorer's hands. The same calls in the same order always give the same state and facts.
type Participant interface {
	// Name is the context's.
	Name() string
	// Facts lists what the participant reacts to: "ordering.order.placed".
	Facts() []string
	// Deliver handles a fact in one transaction, with deduplication by its id, and answers the facts published. After an error
	// nothing has changed.
	Deliver(ctx context.Context, fact event.Envelope, at time.Time) ([]event.Envelope, error)
	// DeliverTogether is Deliver of several facts, in their order, in one transaction: all are handled, or nothing has changed.
	DeliverTogether(ctx context.Context, facts []event.Envelope, at time.Time) ([]event.Envelope, error)
	// Fire does all that is due at a time: deadlines, and handing intents over to the workers that make calls.
	Fire(ctx context.Context, at time.Time) ([]event.Envelope, error)
	// Calls lists the calls to the outside that are handed over and wait for an answer, in the order of their keys.
	Calls() []Call
	// Answer tells the outcome of a call; also of one that does not wait any more, as a worker does that was thought dead.
	Answer(ctx context.Context, key string, answer Answer, at time.Time) ([]event.Envelope, error)
	// Describe names how an aggregate stands, in a few words of the context's own; empty for one that is not there.
	Describe(subject uuid.UUID) string
	// Snapshot copies the whole state, Restore goes back to it.
	Snapshot() any
	Restore(snapshot any)
	// Hash is equal for equal states.
	Hash() [32]byte
}

// Call is a call to the outside.
type Call struct {
	// Key is the idempotency key.
	Key string
	// To is who is called, Operation is what is asked: "provider", "charge".
	To, Operation string
	// Subject is the aggregate that it is made for.
	Subject string
	// Argument is the operation's argument in canonical form, such as token and amount.
	Argument string
}

// Answer is the outcome of a call.
type Answer struct {
	Outcome Outcome
	// Reference is what the outside calls the thing: a charge id, a tracking number.
	Reference string
	// Reason is why it was refused.
	Reason string
}

// Outcome is how a call to the outside ended.
type Outcome int

// The outcomes. After Lost it is unknown whether anything happened out there, and the call has to be made again with the same key.
const (
	Done Outcome = iota
	Refused
	Lost
)
