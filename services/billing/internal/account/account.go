// Package account is what billing holds of one order: its payment and its invoice.
//
// Methods that decide answer the events that follow, and leave the account as it is; Apply makes events true.
package account

import (
	"time"

	"github.com/google/uuid"

	"quadrille.dev/platform/money"
)

// OrderID names the order, and so the account.
type OrderID struct{ uuid.UUID }

// CustomerID names whose order it is.
type CustomerID struct{ uuid.UUID }

// PaymentStatus is how the payment stands.
type PaymentStatus string

// A payment begins pending, and ends captured, declined, voided or refunded.
const (
	Pending   PaymentStatus = "PENDING"
	Charging  PaymentStatus = "CHARGING"
	Captured  PaymentStatus = "CAPTURED"
	Declined  PaymentStatus = "DECLINED"
	Voided    PaymentStatus = "VOIDED"
	Refunding PaymentStatus = "REFUNDING"
	Refunded  PaymentStatus = "REFUNDED"
)

// InvoiceStatus is how the invoice stands; empty while there is none.
type InvoiceStatus string

// An invoice is issued at most once, and never deleted.
const (
	NoInvoice     InvoiceStatus = ""
	InvoiceStands InvoiceStatus = "ISSUED"
	InvoiceVoid   InvoiceStatus = "VOIDED"
)

// NoCharge is the charge and the refund of an order that costs nothing: the provider is never asked.
const NoCharge = "none"

// Account is one order's account.
type Account struct {
	Order OrderID
	// Version counts the facts published.
	Version int64
	// Opened tells whether the order was heard of; without it there are no customer, total and token.
	Opened   bool
	Customer CustomerID
	Total    money.Money
	Token    string
	// Reserved tells whether the goods are set aside.
	Reserved bool
	// GivenUp tells whether the order will never be fulfilled: from then on everything is undone and nothing begun.
	GivenUp bool
	Payment Payment
	Invoice Invoice
	// Erased tells whether the customer is: then the token is kept only as long as the provider has to be told it.
	Erased bool
	Call   Call
}

// Payment is the order's money.
type Payment struct {
	Status PaymentStatus
	// ChargeID and RefundID are the provider's names for what it did.
	ChargeID string
	RefundID string
	// Reason is why the provider declined.
	Reason string
	// Attempts counts how often the charge was asked for.
	Attempts int
	// Stated tells that an operator has said how a call ended. The provider may still say something else.
	Stated bool
}

// Invoice is what the order's customer is asked for.
type Invoice struct {
	Status InvoiceStatus
	Number string
}

// Order is what billing has to know of an order.
type Order struct {
	ID       OrderID
	Number   string
	Customer CustomerID
	Total    money.Money
	Token    string
	// Erased tells whether the customer was, before the order was heard of: then there is no token.
	Erased bool
}

// New is the account of an order that nothing was heard of.
func New(order OrderID) Account {
	return Account{Order: order, Payment: Payment{Status: Pending}}
}

// Open hears of the order: the invoice is issued, unless the order was given up before.
func (a Account) Open(order Order, at time.Time) []Event {
	if a.Opened {
		return nil
	}
	if order.Erased {
		order.Token = ""
	}
	events := []Event{Opened{order}}
	if a.GivenUp && a.Payment.Status == Pending { // in doubt
		return append(events, a.Apply(events...).ascertain(at)...)
	}
	if a.GivenUp {
		return events
	}
	if a.Invoice.Status == NoInvoice { // unless recalled
		events = append(events, InvoiceIssued{Number: "INV-" + order.Number, Total: order.Total})
	}
	return append(events, a.Apply(events...).charge(at)...)
}

// ReserveStock hears that the goods are set aside, so that they may be charged for.
func (a Account) ReserveStock(at time.Time) []Event {
	if a.Reserved {
		return nil
	}
	events := []Event{StockReserved{}}
	return append(events, a.Apply(events...).charge(at)...)
}

// charge is asked for when all is known and the goods are there.
func (a Account) charge(at time.Time) []Event {
	switch {
	case !a.Opened || !a.Reserved || a.GivenUp || a.Payment.Status != Pending: // already settled if recalled
		return nil
	case a.Total.Minor == 0:
		return []Event{PaymentCaptured{Amount: a.Total, ChargeID: NoCharge}}
	case a.Erased && a.Token == "":
		return []Event{PaymentDeclined{Amount: a.Total, Reason: "The customer was erased, and with them the card."}}
	default:
		return []Event{CallIntended{Operation: Charge, At: at}}
	}
}

// Forget hears that the customer was erased.
func (a Account) Forget() []Event {
	if a.Erased {
		return nil
	}
	return []Event{CustomerErased{}}
}

// GiveUp hears that the order will not be fulfilled, and undoes what was done. What the provider has been asked for is undone when
// it has answered.
func (a Account) GiveUp(at time.Time) []Event {
	if a.GivenUp {
		return nil
	}
	events := []Event{GivenUp{}}
	if a.Invoice.Status == InvoiceStands {
		events = append(events, InvoiceVoided{Number: a.Invoice.Number})
	}
	switch a.Payment.Status {
	case Pending:
		return append(events, PaymentVoided{})
	case Captured:
		return append(events, a.refund(at)...)
	case Charging, Declined, Voided, Refunding, Refunded:
	}
	return events
}

func (a Account) refund(at time.Time) []Event {
	if a.Total.Minor == 0 {
		return []Event{PaymentRefunded{Amount: a.Total, RefundID: NoCharge}}
	}
	return []Event{CallIntended{Operation: Refund, At: at}}
}
