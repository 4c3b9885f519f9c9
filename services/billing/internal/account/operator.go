package account

import "time"

// Outcome is how an operator says that a step of the order has ended: it was done, it was refused, or it was undone.
type Outcome string

// The outcomes. A charge ends done or refused, a refund leaves the charge undone.
const (
	Done    Outcome = "DONE"
	Refused Outcome = "REFUSED"
	Undone  Outcome = "UNDONE"
)

// Retry hears that an operator wants a call which has stalled to be made now, and its tries to be counted anew. A call that has not
// stalled is being made anyway, so that saying it twice is saying it once.
func (a Account) Retry(at time.Time) ([]Event, error) {
	switch {
	case a.Call.Stalled:
		return []Event{CallRetried{At: at}}, nil
	case a.Call.Attempts > 0:
		return nil, nil
	default:
		return nil, ErrNotStalled
	}
}

// Resolve hears from an operator how a call which has stalled has ended. It has the consequences that the provider's own answer has.
// The reference is of the charge or refund, the reason is why the provider refused.
func (a Account) Resolve(outcome Outcome, reference, reason string, at time.Time) ([]Event, error) {
	switch {
	case a.Call.Stalled:
	case a.knows(outcome, reference):
		return nil, nil
	default:
		return nil, ErrNotStalled
	}
	events, err := a.answer(outcome, reference, reason, at)
	if err != nil {
		return nil, err
	}
	return append([]Event{OutcomeStated{}}, events...), nil
}

func (a Account) answer(outcome Outcome, reference, reason string, at time.Time) ([]Event, error) {
	switch {
	case a.Call.Operation == Charge && outcome == Done:
		return a.Capture(reference, at)
	case a.Call.Operation == Charge && outcome == Refused:
		return a.Decline(reason)
	case a.Call.Operation == Refund && outcome == Undone:
		return a.PayBack(reference)
	default:
		return nil, ErrOutcome
	}
}

// knows tells whether an outcome is what the account says already.
func (a Account) knows(outcome Outcome, reference string) bool {
	switch outcome {
	case Done:
		return reference != "" && a.Payment.ChargeID == reference
	case Refused:
		return a.Payment.Status == Declined
	case Undone:
		return reference != "" && a.Payment.RefundID == reference
	default:
		return false
	}
}
