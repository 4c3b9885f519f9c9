package account

import (
	"errors"
	"fmt"
	"time"
)

// Operation is something that the payment provider can be asked for.
type Operation string

// The operations.
const (
	NoOperation Operation = ""
	Charge      Operation = "charge"
	Refund      Operation = "refund"
)

// Call is what has to be asked of the provider: intended, and not yet answered. An account has one at a time.
type Call struct {
	Operation Operation
	// Attempts counts how often it was handed over to a worker. Before the first time the intention can be dropped.
	Attempts int
	// Tries counts the same since an operator has retried it last.
	Tries int
	// Stalled is set when so many tries were in vain that people were told.
	Stalled bool
	// DueAt is when it may be handed over, again if need be.
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

// Pause is how long to wait after so many tries in vain.
func (p Patience) Pause(tries int) time.Duration {
	wait := p.First
	for range tries - 1 {
		if wait *= 2; wait >= p.Longest {
			break
		}
	}
	return min(wait, p.Longest)
}

// ErrContradiction is an answer that cannot be: to what was never asked, or other than an earlier answer to the same question.
var ErrContradiction = errors.New("the provider contradicts what is known")

// ErrNotStalled is an operator's answer to a call that has not stalled.
var ErrNotStalled = errors.New("no such call has stalled")

// ErrOutcome is an operator's answer that does not fit the call which has stalled.
var ErrOutcome = errors.New("the call that has stalled cannot end so")

// HandOver gives the call that is due to a worker; nothing when none is.
func (a Account) HandOver(at time.Time) []Event {
	if a.Call.Operation == NoOperation || at.Before(a.Call.DueAt) {
		return nil
	}
	return []Event{CallHandedOver{At: at}}
}

// Capture hears that the provider has charged. If the order was given up meanwhile, the money goes back; so it does, and nobody else
// hears of it, if an operator has said before that the provider refused.
func (a Account) Capture(chargeID string, at time.Time) ([]Event, error) {
	switch a.Payment.Status {
	case Charging:
		events := []Event{PaymentCaptured{Amount: a.Total, ChargeID: chargeID}}
		if a.GivenUp {
			events = append(events, a.refund(at)...)
		}
		return events, nil
	case Captured, Refunding, Refunded:
		if a.Payment.ChargeID == chargeID {
			return nil, nil
		}
	case Declined:
		if a.Payment.ChargeID == chargeID {
			return nil, nil
		}
		if a.Payment.Stated && a.Payment.ChargeID == "" {
			return []Event{ChargedInVain{ChargeID: chargeID}, CallIntended{Operation: Refund, At: at}}, nil
		}
	case Pending, Voided:
	}
	return nil, fmt.Errorf("capture %s while %s: %w", chargeID, a.Payment.Status, ErrContradiction)
}

// Decline hears that the provider will not charge.
func (a Account) Decline(reason string) ([]Event, error) {
	switch a.Payment.Status {
	case Charging:
		return []Event{PaymentDeclined{Amount: a.Total, Reason: reason}}, nil
	case Declined:
		return nil, nil
	case Pending, Captured, Voided, Refunding, Refunded:
	}
	return nil, fmt.Errorf("decline while %s: %w", a.Payment.Status, ErrContradiction)
}

// PayBack hears that the provider has given the money back.
func (a Account) PayBack(refundID string) ([]Event, error) {
	switch a.Payment.Status {
	case Refunding:
		return []Event{PaymentRefunded{Amount: a.Total, RefundID: refundID}}, nil
	case Refunded:
		if a.Payment.RefundID == refundID || !a.Payment.Stated {
			return nil, nil
		}
	case Declined:
		if a.Call.Operation == Refund {
			return []Event{RefundedInVain{RefundID: refundID}}, nil
		}
		if a.Payment.RefundID != "" {
			return nil, nil
		}
	case Pending, Charging, Captured, Voided:
	}
	return nil, fmt.Errorf("refund %s while %s: %w", refundID, a.Payment.Status, ErrContradiction)
}

// Lose hears that an answer was lost, and why: nobody knows whether the provider did it, so it is asked again, for ever. When that
// was in vain for long, people are told, once.
func (a Account) Lose(operation Operation, why string, patience Patience, at time.Time) []Event {
	if a.Call.Operation != operation || a.Call.Attempts == 0 {
		return nil
	}
	events := []Event{AnswerLost{DueAt: at.Add(patience.Pause(a.Call.Tries))}}
	if a.Call.Tries >= patience.Tries && !a.Call.Stalled {
		events = append(events, CallStalled{Operation: operation, Tries: a.Call.Tries, Why: why})
	}
	return events
}
