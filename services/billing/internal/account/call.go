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
	// DueAt is when it may be handed over, again if need be.
	DueAt time.Time
}

// Lease is how long a worker may take, before the call counts as lost with its worker.
const Lease = 10 * time.Second

// A lost call is made again after a while that doubles from the first to the longest.
const (
	firstBackoff   = 500 * time.Millisecond
	longestBackoff = 30 * time.Second
)

func backoff(attempts int) time.Duration {
	wait := firstBackoff
	for range attempts - 1 {
		if wait *= 2; wait >= longestBackoff {
			return longestBackoff
		}
	}
	return wait
}

// ErrContradiction is an answer that cannot be: to what was never asked, or other than an earlier answer to the same question.
var ErrContradiction = errors.New("the provider contradicts what is known")

// HandOver gives the call that is due to a worker; nothing when none is.
func (a Account) HandOver(at time.Time) []Event {
	if a.Call.Operation == NoOperation || at.Before(a.Call.DueAt) {
		return nil
	}
	return []Event{CallHandedOver{At: at}}
}

// Capture hears that the provider has charged. If the order was given up meanwhile, the money goes back.
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
	case Pending, Declined, Voided:
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
		return nil, nil
	case Pending, Charging, Captured, Declined, Voided:
	}
	return nil, fmt.Errorf("refund %s while %s: %w", refundID, a.Payment.Status, ErrContradiction)
}

// Lose hears that an answer was lost: nobody knows whether the provider did it, so it is asked again, for ever.
func (a Account) Lose(operation Operation, at time.Time) []Event {
	if a.Call.Operation != operation || a.Call.Attempts == 0 {
		return nil
	}
	return []Event{AnswerLost{At: at}}
}
