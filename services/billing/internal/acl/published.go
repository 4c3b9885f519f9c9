package acl

import (
	"fmt"
	"time"

	"quadrille.dev/platform/event"
	"quadrille.dev/platform/money"
	"quadrille.dev/services/billing/internal/account"
)

type (
	invoiceIssued struct {
		OrderID account.OrderID `json:"orderId"`
		Number  string          `json:"number"`
		Total   money.Money     `json:"total"`
	}
	invoiceVoided struct {
		OrderID account.OrderID `json:"orderId"`
		Number  string          `json:"number"`
	}
	paymentCaptured struct {
		OrderID  account.OrderID `json:"orderId"`
		Amount   money.Money     `json:"amount"`
		ChargeID string          `json:"chargeId"`
	}
	paymentDeclined struct {
		OrderID account.OrderID `json:"orderId"`
		Amount  money.Money     `json:"amount"`
		Reason  string          `json:"reason"`
	}
	paymentVoided struct {
		OrderID account.OrderID `json:"orderId"`
	}
	paymentRefunded struct {
		OrderID  account.OrderID `json:"orderId"`
		Amount   money.Money     `json:"amount"`
		RefundID string          `json:"refundId"`
	}
)

// Published is what others hear of the events that have brought an account to where it is.
func Published(a account.Account, at time.Time, events []account.Event) []event.Fact {
	var facts []event.Fact
	for _, e := range events {
		if name, data := tell(a.Order, e); name != "" {
			facts = append(facts, event.Fact{
				Name: "billing." + name, Version: 1, Subject: a.Order.String(), CorrelationID: a.Order.String(), At: at, Data: data,
			})
		}
	}
	for i := range facts {
		facts[i].Sequence = a.Version - int64(len(facts)-1-i)
	}
	return facts
}

// tell puts an event into public words; no name for what is nobody else's business.
func tell(order account.OrderID, e account.Event) (name string, data any) {
	switch e := e.(type) {
	case account.Opened, account.StockReserved, account.GivenUp,
		account.CallIntended, account.CallHandedOver, account.AnswerLost:
		return "", nil
	case account.InvoiceIssued:
		return "invoice.issued", invoiceIssued{order, e.Number, e.Total}
	case account.InvoiceVoided:
		return "invoice.voided", invoiceVoided{order, e.Number}
	case account.PaymentCaptured:
		return "payment.captured", paymentCaptured{order, e.Amount, e.ChargeID}
	case account.PaymentDeclined:
		return "payment.declined", paymentDeclined{order, e.Amount, e.Reason}
	case account.PaymentVoided:
		return "payment.voided", paymentVoided{order}
	case account.PaymentRefunded:
		return "payment.refunded", paymentRefunded{order, e.Amount, e.RefundID}
	default:
		panic(fmt.Sprintf("unknown event %T", e))
	}
}
