package refund

import (
	"fmt"
	"time"

	"quadrille.dev/platform/money"
	"quadrille.dev/services/billing/internal/account"
)

// Event is something that happened to a refund.
type Event interface{ event() }

// What happens within, and is nobody else's business.
type (
	// Requested is the command to refund being heard, and of what charge the money would be.
	Requested struct {
		Command Command

		ChargeID, Invoice string
	}
	// Cancelled is the command to cancel being heard.
	Cancelled struct{ Command Command }
	// CallIntended is the provider to be asked to give the money back.
	CallIntended struct{ At time.Time }
	// CallDoubted is the provider to be asked whether it did. It counts as asked before, like all that is in doubt.
	CallDoubted struct{ At time.Time }
	// HandedOver is a worker about to ask it.
	HandedOver struct{ At time.Time }
	// AnswerLost is a worker not having heard the answer, and the call being due again.
	AnswerLost struct{ DueAt time.Time }
	// NotFound is the provider not having done what was in doubt.
	NotFound struct{}
	// GivingRefused is the money never to be given back, because it cannot be.
	GivingRefused struct{ Reason string }
	// GivingCalledOff is the money never to be given back, because it is not wanted any more.
	GivingCalledOff struct{}
)

// What others hear of.
type (
	// CreditNoteIssued is the money being given back.
	CreditNoteIssued struct {
		Order    account.OrderID
		Number   string
		Invoice  string
		Amount   money.Money
		RefundID string
	}
	// Answered is the answer to a command, for who has sent it.
	Answered struct {
		Command   Name
		To        string
		Order     account.OrderID
		Outcome   Outcome
		Reference string
		Reason    string
	}
)

func (Requested) event()        {}
func (Cancelled) event()        {}
func (CallIntended) event()     {}
func (CallDoubted) event()      {}
func (HandedOver) event()       {}
func (AnswerLost) event()       {}
func (NotFound) event()         {}
func (GivingRefused) event()    {}
func (GivingCalledOff) event()  {}
func (CreditNoteIssued) event() {}
func (Answered) event()         {}

// Begins tells whether from an event on the provider has to be asked something.
func Begins(e Event) bool {
	switch e.(type) {
	case CallIntended, CallDoubted:
		return true
	default:
		return false
	}
}

// Apply is the refund after the events.
func (r Refund) Apply(events ...Event) Refund {
	for _, e := range events {
		r = r.apply(e)
	}
	return r
}

func (r Refund) apply(e Event) Refund {
	switch e := e.(type) {
	case Requested:
		r.Order, r.Amount, r.ReplyTo = e.Command.Order, e.Command.Amount, e.Command.ReplyTo
		r.ChargeID, r.InvoiceNumber = e.ChargeID, e.Invoice
	case Cancelled:
		r.Order, r.CancelReplyTo = e.Command.Order, e.Command.ReplyTo
	case GivingRefused:
		r.Status, r.Reason = Refused, e.Reason
	case GivingCalledOff:
		r.Status = CalledOff
	case CreditNoteIssued:
		r.Status, r.Order, r.Amount, r.InvoiceNumber, r.RefundID, r.Note = Refunded, e.Order, e.Amount, e.Invoice, e.RefundID, e.Number
		r.Version++
	case Answered:
		r.Version++
	default:
		return r.applyCall(e)
	}
	if !r.Waits() {
		r.Attempts, r.DueAt = 0, time.Time{}
	}
	return r
}

func (r Refund) applyCall(e Event) Refund {
	switch e := e.(type) {
	case CallIntended:
		r.Status, r.Attempts, r.DueAt = Intended, 0, e.At
	case CallDoubted:
		r.Status, r.Attempts, r.DueAt = Doubted, 1, e.At
	case NotFound:
		r.Status, r.Attempts, r.DueAt = New, 0, time.Time{}
	case HandedOver:
		r.Attempts, r.DueAt = r.Attempts+1, e.At.Add(account.Lease)
		if r.Status == Intended {
			r.Status = Asked
		}
	case AnswerLost:
		r.DueAt = e.DueAt
	default:
		panic(fmt.Sprintf("unknown event %T", e))
	}
	return r
}
