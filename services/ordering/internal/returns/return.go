// Package returns sees to it that a return comes about as a whole or not at all. It is an orchestrated saga: contexts are asked for one
// step after the other, and if one fails, those before it are undone in reverse.
//
// Sagas are Garcia-Molina and Salem's ("Sagas", 1987). Steps that can be undone, and the pivot after which nothing has to be, are those
// of Richardson's "Microservices Patterns", chapter 4.
package returns

import (
	"time"

	"github.com/google/uuid"
)

// ID names a return.
type ID struct{ uuid.UUID }

// State is how a return stands. The zero value is one that was never requested.
type State string

// The states. Completed and compensated never change.
const (
	StateUnknown       State = ""
	StateRunning       State = "RUNNING"
	StateCompensating  State = "COMPENSATING"
	StateCompleted     State = "COMPLETED"
	StateCompensated   State = "COMPENSATED"
	StateNeedsOperator State = "NEEDS_OPERATOR"
)

// Return is derived from its events and from nothing else.
type Return struct {
	ID ID
	// Version is the number of the return's events.
	Version int64
	State   State
	Request
	RequestedAt time.Time
	// EndedAt is when it came to rest.
	EndedAt time.Time
	// Steps are how each of Steps stands.
	Steps [len(Steps)]Progress
	// Asked is what was asked last.
	Asked Asked
	// Failure is why the return does not come about; empty as long as it may.
	Failure string
}

// Progress is how a step stands.
type Progress struct {
	Phase Phase
	// Uncertain tells of a failed step that it may be done all the same.
	Uncertain             bool
	StartedAt, FinishedAt time.Time
	// Attempts is how often the context was asked, to do it or to undo it.
	Attempts  int
	Reference string
}

// Phase is how far a step is.
type Phase string

// The phases. The zero value is of a return that was never requested.
const (
	PhasePending      Phase = "PENDING"
	PhaseRunning      Phase = "RUNNING"
	PhaseDone         Phase = "DONE"
	PhaseFailed       Phase = "FAILED"
	PhaseCompensating Phase = "COMPENSATING"
	PhaseCompensated  Phase = "COMPENSATED"
	PhaseSkipped      Phase = "SKIPPED"
)

// Asked is a command that was given.
type Asked struct {
	Command Command
	Attempt int
	At      time.Time
	// Due is when to ask again unless it is answered by then.
	Due time.Time
	// Said is what the context has said against it.
	Said string
}

// Recorded is an event in its place in a return's history.
type Recorded struct {
	// Version is the event's place, from 1.
	Version int64
	At      time.Time
	Event   Event
}

// Rebuild derives a return from its history.
func Rebuild(id ID, history []Recorded) Return {
	r := Return{ID: id}
	for _, recorded := range history {
		r.apply(recorded)
	}
	return r
}

// Record gives events that were decided on this return their places. Moments are kept to the microsecond.
func (r Return) Record(at time.Time, events ...Event) []Recorded {
	recorded := make([]Recorded, len(events))
	for i, event := range events {
		recorded[i] = Recorded{Version: r.Version + int64(i) + 1, At: at.UTC().Truncate(time.Microsecond), Event: event}
	}
	return recorded
}

// After is the return with events applied that were decided on it.
func (r Return) After(at time.Time, events ...Event) Return {
	for _, recorded := range r.Record(at, events...) {
		r.apply(recorded)
	}
	return r
}

// Due is when to ask again for what is not answered by then; false while nothing is waited for but an operator.
func (r Return) Due() (time.Time, bool) {
	return r.Asked.Due, r.State == StateRunning || r.State == StateCompensating
}

// Active tells whether the return takes part in what has come back of its order, or may.
func (r Return) Active() bool { return r.State != StateUnknown && r.State != StateCompensated }

// asking is the place of the step whose context is to answer; false if none is.
func (r Return) asking() (int, bool) {
	i, known := of(r.Asked.Command)
	doing := r.Asked.Command == Steps[i].Do && r.Steps[i].Phase == PhaseRunning
	undoing := r.Asked.Command == Steps[i].Undo && r.Steps[i].Phase == PhaseCompensating
	return i, known && (doing || undoing)
}

// attempt is the number of an attempt to have something done or undone that is made now.
func (r Return) attempt(command Command) int {
	if _, waits := r.asking(); waits && r.Asked.Command == command && r.State != StateNeedsOperator {
		return r.Asked.Attempt + 1
	}
	return 1
}
