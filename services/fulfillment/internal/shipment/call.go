package shipment

import (
	"errors"
	"time"
)

// Operation is something that the carrier can be asked for.
type Operation string

// The operations: to come for the parcel, not to come, to have it, and where it is.
const (
	NoOperation Operation = ""
	Book        Operation = "book"
	Cancel      Operation = "cancel"
	HandOver    Operation = "handover"
	Track       Operation = "track"
)

// Call is what has to be asked of the carrier: intended, and not yet answered. A shipment has one at a time.
type Call struct {
	Operation Operation
	// Attempts counts how often a worker took it. Before the first time the intention can be dropped.
	Attempts int
	// Tries counts the same since an operator has retried it last.
	Tries int
	// Stalled is set when so many tries were in vain that people were told.
	Stalled bool
	// DueAt is when it may be taken, again if need be.
	DueAt time.Time
}

// Lease is how long a worker may take, before the call counts as lost with its worker.
const Lease = 10 * time.Second

// Intends tells whether an event is the intention of a call.
func Intends(e Event) bool {
	_, is := e.(CallIntended)
	return is
}

// Patience is how a call is made again whose answer was lost.
type Patience struct {
	// First and Longest bound the pause before the next try; it doubles from the one to the other.
	First, Longest time.Duration
	// Tries is after how many of them in vain people are told.
	Tries int
}

// Pause is how long to wait after so many tries.
func (p Patience) Pause(tries int) time.Duration { return doubling(p.First, p.Longest, tries) }

// A parcel under way is looked after after a while that doubles from the first to the longest.
const (
	firstLook   = 2 * time.Second
	longestLook = time.Minute
)

func doubling(first, longest time.Duration, attempts int) time.Duration {
	wait := first
	for range attempts - 1 {
		if wait *= 2; wait >= longest {
			break
		}
	}
	return min(wait, longest)
}

// ErrNotStalled is an operator's answer to a call that has not stalled.
var ErrNotStalled = errors.New("no such call has stalled")

// ErrOutcome is an operator's answer that does not fit the call which has stalled.
var ErrOutcome = errors.New("the call that has stalled cannot end so")

// Take gives the call that is due to a worker; nothing when none is.
func (s Shipment) Take(at time.Time) []Event {
	if s.Call.Operation == NoOperation || at.Before(s.Call.DueAt) {
		return nil
	}
	return []Event{CallTaken{At: at}}
}

// Lose hears that an answer was lost, and why: nobody knows whether the carrier did it, so it is asked again, for ever. When that was
// in vain for long, people are told, once; but for looking after a parcel, which nobody waits for.
func (s Shipment) Lose(operation Operation, why string, patience Patience, at time.Time) []Event {
	if s.Call.Operation != operation || s.Call.Attempts == 0 {
		return nil
	}
	events := []Event{AnswerLost{DueAt: at.Add(patience.Pause(s.Call.Tries))}}
	if s.Call.Tries >= patience.Tries && !s.Call.Stalled && operation != Track {
		events = append(events, CallStalled{Operation: operation, Tries: s.Call.Tries, Why: why})
	}
	return events
}
