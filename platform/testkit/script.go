package testkit

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"quadrille.dev/platform/event"
	"quadrille.dev/platform/inbox"
)

// Memory is a context's whole state in memory, with its store S over it.
type Memory[S any] interface {
	// Store reads and writes this state; there are no transactions, the participant works on clones.
	Store() S
	// Published answers the facts published since it was last called.
	Published() []event.Envelope
	// Clone is a deep copy.
	Clone() Memory[S]
	// State is the state as a value whose JSON is equal for equal states.
	State() any
}

// Essential is a Memory of which states that differ may behave alike for ever.
type Essential interface {
	// Essence is the state without what nothing reads: a value whose JSON is equal for states that nothing can tell apart.
	Essence() any
}

// Script says how a context takes part: its routes, its state, and what it does beside reacting to facts. Functions that a
// context has no use for are nil.
type Script[S any] struct {
	Name   string
	Routes inbox.Routes[S]
	Memory Memory[S]
	Fire   func(ctx context.Context, store S, at time.Time) error
	Calls  func(store S) []Call
	Answer func(ctx context.Context, store S, key string, answer Answer, at time.Time) error
	// Describe names how an aggregate stands, in a few words of the context's own.
	Describe func(ctx context.Context, store S, subject uuid.UUID) (string, error)
}

// NewParticipant makes a Participant that keeps the promises of outbox and inbox: a fact is handled once, and every change is
// whole or has not happened.
func NewParticipant[S any](script Script[S]) *Actor[S] {
	return &Actor[S]{script: script, state: state[S]{memory: script.Memory, seen: map[uuid.UUID]bool{}}}
}

// Actor is a Participant made from a Script.
type Actor[S any] struct {
	script Script[S]
	state  state[S]
}

type state[S any] struct {
	memory Memory[S]
	seen   map[uuid.UUID]bool
}

func (s state[S]) clone() state[S] {
	return state[S]{memory: s.memory.Clone(), seen: maps.Clone(s.seen)}
}

// Name is the context's.
func (a *Actor[S]) Name() string { return a.script.Name }

// Facts lists what the participant reacts to.
func (a *Actor[S]) Facts() []string { return a.script.Routes.Facts() }

// Deliver handles a fact once.
func (a *Actor[S]) Deliver(ctx context.Context, fact event.Envelope, at time.Time) ([]event.Envelope, error) {
	if a.state.seen[fact.ID] {
		return nil, nil
	}
	published, err := a.Do(func(store S) error { return a.script.Routes.Handle(ctx, store, fact, at) })
	if err == nil {
		a.state.seen[fact.ID] = true
	}
	return published, err
}

// DeliverTogether handles facts once, all or none.
func (a *Actor[S]) DeliverTogether(ctx context.Context, facts []event.Envelope, at time.Time) ([]event.Envelope, error) {
	next := a.state.clone()
	for _, fact := range facts {
		if next.seen[fact.ID] {
			continue
		}
		if err := a.script.Routes.Handle(ctx, next.memory.Store(), fact, at); err != nil {
			return nil, err
		}
		next.seen[fact.ID] = true
	}
	return a.keep(next)
}

// Fire does all that is due.
func (a *Actor[S]) Fire(ctx context.Context, at time.Time) ([]event.Envelope, error) {
	if a.script.Fire == nil {
		return nil, nil
	}
	return a.Do(func(store S) error { return a.script.Fire(ctx, store, at) })
}

// Calls lists the calls that wait for an answer.
func (a *Actor[S]) Calls() []Call {
	if a.script.Calls == nil {
		return nil
	}
	calls := a.script.Calls(a.state.memory.Store())
	slices.SortFunc(calls, func(x, y Call) int { return strings.Compare(x.Key, y.Key) })
	return calls
}

// Answer tells the outcome of a call.
func (a *Actor[S]) Answer(ctx context.Context, key string, answer Answer, at time.Time) ([]event.Envelope, error) {
	if a.script.Answer == nil {
		return nil, nil
	}
	return a.Do(func(store S) error { return a.script.Answer(ctx, store, key, answer, at) })
}

// Do runs a use case of the context as one transaction: a command of a user, say.
func (a *Actor[S]) Do(use func(store S) error) ([]event.Envelope, error) {
	next := a.state.clone()
	if err := use(next.memory.Store()); err != nil {
		return nil, err
	}
	return a.keep(next)
}

// keep commits a transaction, and answers the facts that it tells.
func (a *Actor[S]) keep(next state[S]) ([]event.Envelope, error) {
	a.state = next
	return next.memory.Published(), nil
}

// Read looks at the state without changing it.
func (a *Actor[S]) Read(look func(store S)) { look(a.state.memory.Clone().Store()) }

// Describe names how an aggregate stands; empty for one that is not there.
func (a *Actor[S]) Describe(subject uuid.UUID) (words string) {
	if a.script.Describe == nil {
		return ""
	}
	a.Read(func(store S) {
		if described, err := a.script.Describe(context.Background(), store, subject); err == nil {
			words = described
		}
	})
	return words
}

// Snapshot copies the whole state.
func (a *Actor[S]) Snapshot() any { return a.state.clone() }

// Restore goes back to a Snapshot.
func (a *Actor[S]) Restore(snapshot any) {
	taken, ok := snapshot.(state[S])
	if !ok {
		panic(fmt.Sprintf("restore %s from %T", a.script.Name, snapshot))
	}
	a.state = taken.clone()
}

// Hash is equal for equal states, the facts already handled included.
func (a *Actor[S]) Hash() [32]byte { return a.hash(a.state.memory.State()) }

// Essence is a Hash that is equal also for states that nothing can tell apart. Only a context whose memory is Essential has such.
func (a *Actor[S]) Essence() [32]byte {
	if memory, essential := a.state.memory.(Essential); essential {
		return a.hash(memory.Essence())
	}
	return a.Hash()
}

func (a *Actor[S]) hash(state any) [32]byte {
	seen := slices.SortedFunc(maps.Keys(a.state.seen), func(x, y uuid.UUID) int { return slices.Compare(x[:], y[:]) })
	encoded, err := json.Marshal(struct {
		State any
		Seen  []uuid.UUID
	}{state, seen})
	if err != nil {
		panic(fmt.Sprintf("hash %s: %v", a.script.Name, err))
	}
	return sha256.Sum256(encoded)
}
