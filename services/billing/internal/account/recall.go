package account

import (
	"slices"
	"time"
)

// Recall is what has to follow for the account to be as billing said that it is, before it forgot; nothing where it is so already. Only
// what others hear of can be recalled.
func (a Account) Recall(told Event, at time.Time) []Event {
	pending := a.Payment.Status == Pending || a.Payment.Status == Charging
	switch e := told.(type) {
	case InvoiceIssued:
		if a.Invoice.Status == NoInvoice {
			return []Event{e}
		}
	case InvoiceVoided:
		if a.Invoice.Status == InvoiceStands {
			return []Event{e}
		}
	case PaymentCaptured:
		if pending && a.GivenUp {
			return append([]Event{e}, a.refund(at)...)
		}
		if pending {
			return []Event{e}
		}
	case PaymentDeclined:
		if pending {
			return []Event{e}
		}
	case PaymentVoided:
		if pending {
			return []Event{GivenUp{}, e}
		}
	case PaymentRefunded:
		if a.Payment.Status == Captured || a.Payment.Status == Refunding {
			return []Event{GivenUp{}, e}
		}
	}
	return nil
}

// Doubt follows the intention of a call that may have been made before, by a billing that has been forgotten: it counts as handed over
// with its answer lost, so that it is made again under the same key, and cannot be dropped.
func (a Account) Doubt(at time.Time) []Event {
	if a.Call.Operation == NoOperation || a.Call.Attempts > 0 {
		return nil
	}
	return []Event{CallHandedOver{At: at}, AnswerLost{DueAt: at}}
}

// GiveUpInDoubt is GiveUp of an account that may have forgotten that it has charged: only the provider knows.
func (a Account) GiveUpInDoubt(at time.Time) []Event {
	events := a.GiveUp(at)
	if void := slices.Index(events, Event(PaymentVoided{})); void >= 0 {
		events = events[:void]
		events = append(events, a.Apply(events...).ascertain(at)...)
	}
	return events
}

// ascertain ends a payment that may have been made, and been forgotten. The provider is asked for the charge under the key that answers
// what it answered then, so that it can be refunded; for which the order has to be known.
func (a Account) ascertain(at time.Time) []Event {
	switch {
	case !a.Opened:
		return nil
	case a.Total.Minor == 0 || a.Token == "":
		return []Event{PaymentVoided{}}
	}
	intended := CallIntended{Operation: Charge, At: at}
	return append([]Event{intended}, a.Apply(intended).Doubt(at)...)
}
