package acl

import (
	"cmp"
	"fmt"
	"time"

	"quadrille.dev/platform/event"
	"quadrille.dev/platform/money"
	"quadrille.dev/services/billing/internal/account"
	"quadrille.dev/services/billing/internal/app"
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
	paymentStalled struct {
		OrderID    account.OrderID   `json:"orderId"`
		Step       string            `json:"step"`
		Operation  account.Operation `json:"operation"`
		Tries      int               `json:"tries"`
		LastError  string            `json:"lastError"`
		NextAction string            `json:"nextAction"`
	}
)

// Step is the step of the order saga in which billing asks the payment provider.
const Step = "charge"

// remedies are what an operator can do for a call that has stalled.
var remedies = map[account.Operation]string{
	account.Charge: "Retry the step charge, or resolve it as DONE with the reference of the charge, or as REFUSED with the reason.",
	account.Refund: "Retry the step charge, or resolve it as UNDONE with the reference of the refund.",
}

// clip bounds what an error may say in a fact.
func clip(text string) string {
	const most = 500
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most-1]) + "…"
	}
	return text
}

// Publisher says what others hear.
var Publisher = app.Publisher{Account: Published, Refund: PublishedOfRefund}

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
	case account.Opened, account.StockReserved, account.GivenUp, account.CustomerErased,
		account.CallIntended, account.CallHandedOver, account.AnswerLost, account.CallRetried, account.OutcomeStated,
		account.ChargedInVain, account.RefundedInVain:
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
	case account.CallStalled:
		return "payment.stalled", paymentStalled{order, Step, e.Operation, e.Tries, cmp.Or(clip(e.Why), "no answer"), remedies[e.Operation]}
	default:
		panic(fmt.Sprintf("unknown event %T", e))
	}
}
