package acl

import (
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"quadrille.dev/platform/event"
	"quadrille.dev/platform/inbox"
	"quadrille.dev/platform/money"
	"quadrille.dev/services/billing/internal/account"
	"quadrille.dev/services/billing/internal/app"
	"quadrille.dev/services/billing/internal/refund"
)

func cancelRefundV1(e event.Envelope) (refund.Command, error) {
	data, err := event.Data[struct {
		ReturnID uuid.UUID   `json:"returnId"`
		OrderID  uuid.UUID   `json:"orderId"`
		Amount   money.Money `json:"amount"`
	}](e)
	switch {
	case err != nil:
		return refund.Command{}, err
	case data.ReturnID == uuid.Nil:
		return refund.Command{}, errors.New("no returnId")
	case data.OrderID == uuid.Nil:
		return refund.Command{}, errNoOrder
	}
	return refund.Command{
		Return: refund.ReturnID{UUID: data.ReturnID}, Order: account.OrderID{UUID: data.OrderID}, Amount: data.Amount, ReplyTo: e.ReplyTo,
	}, nil
}

func refundV1(e event.Envelope) (refund.Command, error) {
	c, err := cancelRefundV1(e)
	if err != nil {
		return c, err
	}
	if _, err := money.Decimals(c.Amount.Currency); err != nil {
		return c, fmt.Errorf("amount: %w", err)
	}
	if c.Amount.Minor < 0 {
		return c, fmt.Errorf("amount %s is negative", c.Amount)
	}
	return c, nil
}

type (
	creditNoteIssued struct {
		ReturnID      refund.ReturnID `json:"returnId"`
		OrderID       account.OrderID `json:"orderId"`
		Number        string          `json:"number"`
		InvoiceNumber string          `json:"invoiceNumber"`
		Amount        money.Money     `json:"amount"`
		RefundID      string          `json:"refundId"`
	}
	refundAnswered struct {
		ReturnID  refund.ReturnID `json:"returnId"`
		OrderID   account.OrderID `json:"orderId"`
		Command   refund.Name     `json:"command"`
		Outcome   refund.Outcome  `json:"outcome"`
		Reference string          `json:"reference"`
		Reason    string          `json:"reason"`
	}
)

// PublishedOfRefund is what others hear of the events that have brought a refund to where it is.
func PublishedOfRefund(r refund.Refund, at time.Time, events []refund.Event) []event.Fact {
	id := r.Return
	var facts []event.Fact
	for _, e := range events {
		fact := event.Fact{Version: 1, Subject: id.String(), CorrelationID: id.String(), At: at}
		switch e := e.(type) {
		case refund.Requested, refund.Cancelled, refund.CallIntended, refund.CallDoubted, refund.HandedOver, refund.AnswerLost,
			refund.NotFound, refund.GivingRefused, refund.GivingCalledOff:
			continue
		case refund.CreditNoteIssued:
			fact.Name = "billing.creditnote.issued"
			fact.Data = creditNoteIssued{id, e.Order, e.Number, e.Invoice, e.Amount, e.RefundID}
		case refund.Answered:
			fact.Name, fact.To = "billing.refund.answered", e.To
			fact.Data = refundAnswered{id, e.Order, e.Command, e.Outcome, e.Reference, clip(e.Reason)}
		default:
			panic(fmt.Sprintf("unknown event %T", e))
		}
		facts = append(facts, fact)
	}
	for i := range facts {
		facts[i].Sequence = r.Version - int64(len(facts)-1-i)
	}
	return facts
}

// recalledNote reads a credit note back.
func recalledNote() inbox.Route[app.Store] {
	return inbox.On("billing.creditnote.issued", inbox.Versions[app.NoteTold]{1: func(e event.Envelope) (app.NoteTold, error) {
		d, err := event.Data[creditNoteIssued](e)
		return app.NoteTold{Return: d.ReturnID, Event: refund.CreditNoteIssued{
			Order: d.OrderID, Number: d.Number, Invoice: d.InvoiceNumber, Amount: d.Amount, RefundID: d.RefundID,
		}}, err
	}}, app.RecallNote)
}
