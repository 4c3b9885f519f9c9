package refund

import (
	"fmt"
	"strconv"
	"strings"

	"quadrille.dev/services/billing/internal/account"
)

// Outcome is how a command ended.
type Outcome string

// The outcomes: of a command to refund that it is done or refused, of one to cancel that it is undone, or done and stays so.
const (
	Done   Outcome = "DONE"
	Denied Outcome = "REFUSED"
	Undone Outcome = "UNDONE"
)

// calledOff is what a command to refund is answered that comes after the one to cancel.
const calledOff = "The refund was called off."

// Free tells that there is nothing to give back, so that it is done without asking the provider.
func (r Refund) Free() bool { return r.Status == Intended && r.Amount.Minor == 0 }

// Waits tells whether it is not known yet whether the money goes back.
func (r Refund) Waits() bool { return r.Asks() != NoOperation }

// GiveBack hears that the money was given back, for which the credit note has a number; none is needed for what is known already.
func (r Refund) GiveBack(refundID, note string) ([]Event, error) {
	credit := CreditNoteIssued{Order: r.Order, Number: note, Invoice: r.InvoiceNumber, Amount: r.Amount, RefundID: refundID}
	switch r.Status {
	case Asked, Doubted:
		return r.conclude(credit), nil
	case Intended:
		if r.Free() {
			return r.conclude(credit), nil
		}
	case Refunded:
		if r.RefundID == refundID {
			return nil, nil
		}
	case New, Refused, CalledOff:
	}
	return nil, fmt.Errorf("refund %s while %q: %w", refundID, r.Status, account.ErrContradiction)
}

// Refuse hears that the provider will not give the money back.
func (r Refund) Refuse(reason string) ([]Event, error) {
	switch r.Status {
	case Asked:
		return r.conclude(GivingRefused{Reason: reason}), nil
	case Refused:
		return nil, nil
	case New, Intended, Doubted, Refunded, CalledOff:
	}
	return nil, fmt.Errorf("refuse while %q: %w", r.Status, account.ErrContradiction)
}

// Miss hears that the provider has not given the money back, which was in doubt.
func (r Refund) Miss() []Event {
	switch {
	case r.Status != Doubted:
		return nil
	case r.CancelReplyTo != "":
		return r.conclude(GivingCalledOff{})
	default:
		return []Event{NotFound{}}
	}
}

// Recall is what has to follow for the refund to be as billing said that it is, before it forgot; nothing where it is so already.
func (r Refund) Recall(told CreditNoteIssued) []Event {
	if r.Status == Refunded {
		return nil
	}
	return []Event{told}
}

// conclude is an end, and the answers to the commands that have waited for it. What is told to all comes first: who has heard an answer can
// rely on it.
func (r Refund) conclude(end Event) []Event {
	r = r.Apply(end)
	events := []Event{end}
	if r.ReplyTo != "" {
		events = append(events, r.answer(Refunding, r.ReplyTo))
	}
	if r.CancelReplyTo != "" {
		events = append(events, r.answer(Cancelling, r.CancelReplyTo))
	}
	return events
}

func (r Refund) answer(command Name, to string) Answered {
	a := Answered{Command: command, To: to, Order: r.Order}
	switch r.Status {
	case Refunded:
		a.Outcome, a.Reference = Done, r.Note
	case Refused:
		a.Outcome, a.Reason = Denied, r.Reason
	case CalledOff:
		a.Outcome, a.Reason = Denied, calledOff
	case New, Intended, Asked, Doubted:
		panic(fmt.Sprintf("answer %s while %q", command, r.Status))
	}
	if command == Cancelling && r.Status != Refunded {
		a.Outcome, a.Reason = Undone, ""
	}
	return a
}

const prefix = "CN-"

// NoteNumber is how the credit note of a count is called.
func NoteNumber(count int64) string { return fmt.Sprintf(prefix+"%08d", count) }

// NoteCount is the count that a number was made of; 0 for a number that is not billing's.
func NoteCount(number string) int64 {
	count, err := strconv.ParseInt(strings.TrimPrefix(number, prefix), 10, 64)
	if err != nil {
		return 0
	}
	return count
}
