package acl

import (
	"quadrille.dev/platform/event"
	"quadrille.dev/platform/inbox"
	"quadrille.dev/services/billing/internal/account"
	"quadrille.dev/services/billing/internal/app"
)

// Recalled is what billing does on facts of its own that it has forgotten.
func Recalled() inbox.Routes[app.Store] {
	return inbox.Routes[app.Store]{
		recalled("invoice.issued", func(d invoiceIssued) app.Told {
			return app.Told{Order: d.OrderID, Event: account.InvoiceIssued{Number: d.Number, Total: d.Total}}
		}),
		recalled("invoice.voided", func(d invoiceVoided) app.Told {
			return app.Told{Order: d.OrderID, Event: account.InvoiceVoided{Number: d.Number}}
		}),
		recalled("payment.captured", func(d paymentCaptured) app.Told {
			return app.Told{Order: d.OrderID, Event: account.PaymentCaptured{Amount: d.Amount, ChargeID: d.ChargeID}}
		}),
		recalled("payment.declined", func(d paymentDeclined) app.Told {
			return app.Told{Order: d.OrderID, Event: account.PaymentDeclined{Amount: d.Amount, Reason: d.Reason}}
		}),
		recalled("payment.voided", func(d paymentVoided) app.Told {
			return app.Told{Order: d.OrderID, Event: account.PaymentVoided{}}
		}),
		recalledNote(),
		recalled("payment.refunded", func(d paymentRefunded) app.Told {
			return app.Told{Order: d.OrderID, Event: account.PaymentRefunded{Amount: d.Amount, RefundID: d.RefundID}}
		}),
	}
}

// recalled reads a fact back into the event that it was published for.
func recalled[D any](name string, read func(D) app.Told) inbox.Route[app.Store] {
	return inbox.On("billing."+name, inbox.Versions[app.Told]{1: func(e event.Envelope) (app.Told, error) {
		data, err := event.Data[D](e)
		return read(data), err
	}}, app.Recall)
}
