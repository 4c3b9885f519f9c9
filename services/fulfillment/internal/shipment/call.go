package shipment

import "time"

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
	// DueAt is when it may be taken, again if need be.
	DueAt time.Time
}

// Lease is how long a worker may take, before the call counts as lost with its worker.
const Lease = 10 * time.Second

// A lost call is made again, and a parcel under way looked after, after a while that doubles from the first to the longest.
const (
	firstBackoff   = 500 * time.Millisecond
	longestBackoff = 30 * time.Second
	firstLook      = 2 * time.Second
	longestLook    = time.Minute
)

func doubling(first, longest time.Duration, attempts int) time.Duration {
	wait := first
	for range attempts - 1 {
		if wait *= 2; wait >= longest {
			return longest
		}
	}
	return wait
}

// Take gives the call that is due to a worker; nothing when none is.
func (s Shipment) Take(at time.Time) []Event {
	if s.Call.Operation == NoOperation || at.Before(s.Call.DueAt) {
		return nil
	}
	return []Event{CallTaken{At: at}}
}

// Lose hears that an answer was lost: nobody knows whether the carrier did it, so it is asked again, for ever.
func (s Shipment) Lose(operation Operation, at time.Time) []Event {
	if s.Call.Operation != operation || s.Call.Attempts == 0 {
		return nil
	}
	return []Event{AnswerLost{At: at}}
}
