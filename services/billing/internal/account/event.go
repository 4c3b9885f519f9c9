package account

import (
	"fmt"
	"time"

	"quadrille.dev/platform/money"
)

// Event is something that happened to an account.
type Event interface{ event() }

// What happens within, and is nobody else's business.
type (
	// Opened is the order becoming known.
	Opened struct{ Order Order }
	// StockReserved is the goods being set aside.
	StockReserved struct{}
	// GivenUp is the order never to be fulfilled.
	GivenUp struct{}
	// CustomerErased is the customer wanting to be forgotten.
	CustomerErased struct{}
	// CallIntended is something to be asked of the provider.
	CallIntended struct {
		Operation Operation
		At        time.Time
	}
	// CallHandedOver is a worker about to ask it.
	CallHandedOver struct{ At time.Time }
	// AnswerLost is a worker not having heard the answer, and the call being due again.
	AnswerLost struct{ DueAt time.Time }
	// CallRetried is an operator wanting it to be made now.
	CallRetried struct{ At time.Time }
	// OutcomeStated is an operator having said how it ended.
	OutcomeStated struct{}
	// ChargedInVain is the provider having charged what is declined already.
	ChargedInVain struct{ ChargeID string }
	// RefundedInVain is that charge being given back.
	RefundedInVain struct{ RefundID string }
)

// What others hear of.
type (
	// InvoiceIssued is the invoice being there.
	InvoiceIssued struct {
		Number string
		Total  money.Money
	}
	// InvoiceVoided is the invoice asking for nothing any more.
	InvoiceVoided struct{ Number string }
	// PaymentCaptured is the money being taken.
	PaymentCaptured struct {
		Amount   money.Money
		ChargeID string
	}
	// PaymentDeclined is the provider not taking the money.
	PaymentDeclined struct {
		Amount money.Money
		Reason string
	}
	// PaymentVoided is the money never to be asked for.
	PaymentVoided struct{}
	// PaymentRefunded is the money being given back.
	PaymentRefunded struct {
		Amount   money.Money
		RefundID string
	}
	// CallStalled is the provider not having answered for long.
	CallStalled struct {
		Operation Operation
		Tries     int
		// Why is how the last try went wrong.
		Why string
	}
)

func (Opened) event()          {}
func (StockReserved) event()   {}
func (GivenUp) event()         {}
func (CustomerErased) event()  {}
func (CallIntended) event()    {}
func (CallHandedOver) event()  {}
func (AnswerLost) event()      {}
func (CallRetried) event()     {}
func (OutcomeStated) event()   {}
func (ChargedInVain) event()   {}
func (RefundedInVain) event()  {}
func (CallStalled) event()     {}
func (InvoiceIssued) event()   {}
func (InvoiceVoided) event()   {}
func (PaymentCaptured) event() {}
func (PaymentDeclined) event() {}
func (PaymentVoided) event()   {}
func (PaymentRefunded) event() {}

// Apply is the account after the events.
func (a Account) Apply(events ...Event) Account {
	for _, e := range events {
		a = a.apply(e)
	}
	if a.Erased && a.Payment.Status != Pending && a.Payment.Status != Charging {
		a.Token = ""
	}
	return a
}

func (a Account) apply(e Event) Account {
	switch e := e.(type) {
	case Opened:
		a.Opened, a.Customer, a.Total, a.Token, a.Erased = true, e.Order.Customer, e.Order.Total, e.Order.Token, e.Order.Erased
		return a
	case CustomerErased:
		a.Erased = true
		return a
	case StockReserved:
		a.Reserved = true
		return a
	case GivenUp:
		a.GivenUp = true
		return a
	case OutcomeStated:
		a.Payment.Stated = true
		return a
	case CallIntended, CallHandedOver, AnswerLost, CallRetried, ChargedInVain, RefundedInVain:
		return a.applyCall(e)
	case CallStalled:
		a.Call.Stalled = true
	case InvoiceIssued:
		a.Invoice = Invoice{InvoiceStands, e.Number}
	case InvoiceVoided:
		a.Invoice.Status = InvoiceVoid
	case PaymentCaptured:
		a.Payment.Status, a.Payment.ChargeID, a.Call = Captured, e.ChargeID, Call{}
		a.Total = e.Amount // not known before if recalled
	case PaymentDeclined:
		a.Payment.Status, a.Payment.Reason, a.Call = Declined, e.Reason, Call{}
	case PaymentVoided:
		a.Payment.Status, a.Call = Voided, Call{}
	case PaymentRefunded:
		a.Payment.Status, a.Payment.RefundID, a.Call = Refunded, e.RefundID, Call{}
	default:
		panic(fmt.Sprintf("unknown event %T", e))
	}
	a.Version++
	return a
}

func (a Account) applyCall(e Event) Account {
	switch e := e.(type) {
	case CallIntended:
		a.Call = Call{Operation: e.Operation, DueAt: e.At}
		if e.Operation == Refund && a.Payment.Status == Captured {
			a.Payment.Status = Refunding
		}
	case CallHandedOver:
		a.Call.Attempts, a.Call.Tries, a.Call.DueAt = a.Call.Attempts+1, a.Call.Tries+1, e.At.Add(Lease)
		if a.Call.Operation == Charge {
			a.Payment.Status, a.Payment.Attempts = Charging, a.Call.Attempts
		}
	case AnswerLost:
		a.Call.DueAt = e.DueAt
	case CallRetried:
		a.Call.Tries, a.Call.Stalled, a.Call.DueAt = 0, false, e.At
	case ChargedInVain:
		a.Payment.ChargeID = e.ChargeID
	case RefundedInVain:
		a.Payment.RefundID, a.Call = e.RefundID, Call{}
	}
	return a
}
