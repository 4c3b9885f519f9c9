// Package refund is what billing holds of one return: whether money goes back for it, and the credit note.
//
// Methods that decide answer the events that follow, and leave the refund as it is; Apply makes events true.
package refund

import (
	"time"

	"github.com/google/uuid"

	"quadrille.dev/platform/money"
	"quadrille.dev/services/billing/internal/account"
)

// ReturnID names the return, and so the refund.
type ReturnID struct{ uuid.UUID }

// Status is how a refund stands.
type Status string

// A refund begins new, and ends refunded, refused or called off.
const (
	New Status = ""
	// Intended is before a worker has taken the call: it can still be called off.
	Intended Status = "INTENDED"
	// Asked is with the provider, which may have done it.
	Asked Status = "ASKED"
	// Doubted is what may have been done by a billing that has been forgotten: the provider is asked whether it was, and not to do it.
	Doubted   Status = "DOUBTED"
	Refunded  Status = "REFUNDED"
	Refused   Status = "REFUSED"
	CalledOff Status = "CALLED_OFF"
)

// NoRefund is the refund of nothing: the provider is never asked.
const NoRefund = "none"

// Refund is the money that goes back for one return.
type Refund struct {
	Return ReturnID
	// Version counts the messages published.
	Version int64
	Status  Status
	Order   account.OrderID
	// Amount, ChargeID and InvoiceNumber are not known before the refund was asked for.
	Amount        money.Money
	ChargeID      string
	InvoiceNumber string
	// ReplyTo and CancelReplyTo are where the answers to the two commands go; empty for one that was not heard.
	ReplyTo, CancelReplyTo string
	// Reason is why it was refused.
	Reason string
	// RefundID is the provider's name for what it did, Note the number of the credit note.
	RefundID string
	Note     string
	// Attempts counts how often the provider was asked what it is to be asked now.
	Attempts int
	// DueAt is when it may be asked, again if need be.
	DueAt time.Time
}

// Operation is something that the payment provider can be asked for.
type Operation string

// The operations.
const (
	NoOperation Operation = ""
	// Give asks for the money to be given back.
	Give Operation = "refund"
	// Find asks whether it was.
	Find Operation = "findRefund"
)

// Of is the refund of a return that nothing was heard of.
func Of(id ReturnID) Refund { return Refund{Return: id} }

// Asks is what the provider has to be asked now.
func (r Refund) Asks() Operation {
	switch r.Status {
	case Intended, Asked:
		return Give
	case Doubted:
		return Find
	case New, Refunded, Refused, CalledOff:
	}
	return NoOperation
}

// Promised is what counts against what the order has paid: what was given back, and what may be.
func (r Refund) Promised() int64 {
	if r.Asks() != NoOperation || r.Status == Refunded {
		return r.Amount.Minor
	}
	return 0
}

// HandOver gives the call that is due to a worker; nothing when none is.
func (r Refund) HandOver(at time.Time) []Event {
	if r.Asks() == NoOperation || at.Before(r.DueAt) {
		return nil
	}
	return []Event{HandedOver{At: at}}
}

// Lose hears that the answer to a call was lost: nobody knows whether the provider did it, so it is asked again, for ever.
func (r Refund) Lose(operation Operation, patience account.Patience, at time.Time) []Event {
	if r.Asks() != operation || r.Attempts == 0 {
		return nil
	}
	return []Event{AnswerLost{DueAt: at.Add(patience.Pause(r.Attempts))}}
}
