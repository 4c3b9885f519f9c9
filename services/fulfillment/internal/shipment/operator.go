package shipment

import "time"

// Step is what the saga calls a part of fulfillment's work.
type Step string

// The steps: to book the carrier, which a cancellation undoes, and to hand the parcel over.
const (
	Arranging   Step = "arrange"
	Dispatching Step = "dispatch"
	Delivering  Step = "deliver"
)

// Step is the step that the operation does or undoes; none for no operation.
func (o Operation) Step() Step {
	switch o {
	case Book, Cancel:
		return Arranging
	case HandOver:
		return Dispatching
	case Track:
		return Delivering
	case NoOperation:
	}
	return ""
}

// Outcome is how an operator says that a step has ended: it was done, it was refused, or it was undone.
type Outcome string

// The outcomes. A booking ends done or refused, a cancellation leaves it undone, a handover ends done.
const (
	Done    Outcome = "DONE"
	Refused Outcome = "REFUSED"
	Undone  Outcome = "UNDONE"
)

// Resolution is what an operator has established about a step.
type Resolution struct {
	Step    Step
	Outcome Outcome
	// Carrier and TrackingNumber are of what was booked.
	Carrier, TrackingNumber string
	// Reason is why the carrier refused.
	Reason string
}

// Retry hears that an operator wants a call which has stalled to be made now, and its tries to be counted anew. A call that has not
// stalled is being made anyway, so that saying it twice is saying it once.
func (s Shipment) Retry(step Step, at time.Time) ([]Event, error) {
	switch {
	case s.Call.Operation == NoOperation || s.Call.Operation.Step() != step || s.Call.Attempts == 0:
		return nil, ErrNotStalled
	case s.Call.Stalled:
		return []Event{CallRetried{At: at}}, nil
	default:
		return nil, nil
	}
}

// Resolve hears from an operator how a call which has stalled has ended. It has the consequences that the carrier's own answer has.
func (s Shipment) Resolve(r Resolution, at time.Time) ([]Event, error) {
	switch {
	case s.Call.Stalled && s.Call.Operation.Step() == r.Step:
	case s.knows(r):
		return nil, nil
	default:
		return nil, ErrNotStalled
	}
	events, err := s.answer(r, at)
	if err != nil {
		return nil, err
	}
	return append([]Event{OutcomeStated{}}, events...), nil
}

func (s Shipment) answer(r Resolution, at time.Time) ([]Event, error) {
	switch {
	case s.Call.Operation == Book && r.Outcome == Done:
		return s.Arrange(r.Carrier, r.TrackingNumber, at)
	case s.Call.Operation == Book && r.Outcome == Refused:
		return s.Fail(r.Reason)
	case s.Call.Operation == Cancel && r.Outcome == Undone:
		return s.CallOff()
	case s.Call.Operation == HandOver && r.Outcome == Done:
		return s.Dispatch(at)
	default:
		return nil, ErrOutcome
	}
}

// knows tells whether an outcome is what the shipment says already.
func (s Shipment) knows(r Resolution) bool {
	switch {
	case r.Step == Arranging && r.Outcome == Done:
		return r.TrackingNumber != "" && s.TrackingNumber == r.TrackingNumber
	case r.Step == Arranging && r.Outcome == Refused:
		return s.Status == Failed
	case r.Step == Arranging && r.Outcome == Undone:
		return s.Status == Cancelled
	case r.Step == Dispatching && r.Outcome == Done:
		return s.Status == Dispatched || s.Status == Delivered
	default:
		return false
	}
}
