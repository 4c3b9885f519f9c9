package pickup

import (
	"time"

	"quadrille.dev/services/fulfillment/internal/shipment"
)

// Operation is something that the carrier can be asked for.
type Operation string

// The operations: to come for the goods, and not to come, ever.
const (
	NoOperation  Operation = ""
	Collect      Operation = "collect"
	CancelPickup Operation = "cancelPickup"
)

// Call is what has to be asked of the carrier: intended, and not yet answered. A pick-up has one at a time.
type Call struct {
	Operation Operation
	// Attempts counts how often a worker took it. Before the first time the intention can be dropped.
	Attempts int
	// DueAt is when it may be taken, again if need be.
	DueAt time.Time
}

// Take gives the call that is due to a worker; nothing when none is. Where the goods are may be forgotten by then: the carrier is not asked
// to come, and if it may have been before, it is asked not to. In doubt the order may not have been heard of again: then it waits.
func (p Pickup) Take(where Whereabouts, at time.Time) []Event {
	collects := p.Call.Operation == Collect
	switch {
	case p.Call.Operation == NoOperation || at.Before(p.Call.DueAt):
		return nil
	case !collects || where == Known:
		return []Event{CallTaken{At: at}}
	case where == Unheard && p.Call.Attempts > 0:
		return []Event{AnswerLost{DueAt: at.Add(shipment.Lease)}}
	case p.Call.Attempts > 0:
		return []Event{CallIntended{Operation: CancelPickup, At: at}, CallTaken{At: at}}
	default:
		return p.answering([]Event{CollectionRefused{addressNotKnown}})
	}
}

// Taken tells whether events have given a call to a worker.
func Taken(events []Event) bool {
	for _, e := range events {
		if _, taken := e.(CallTaken); taken {
			return true
		}
	}
	return false
}

// Lose hears that an answer was lost: nobody knows whether the carrier did it, so it is asked again, for ever.
func (p Pickup) Lose(operation Operation, patience shipment.Patience, at time.Time) []Event {
	if p.Call.Operation != operation || p.Call.Attempts == 0 {
		return nil
	}
	return []Event{AnswerLost{DueAt: at.Add(patience.Pause(p.Call.Attempts))}}
}
