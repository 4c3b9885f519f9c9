package account

import "time"

// Recall is what has to follow for the account to be as billing said that it is, before it forgot; nothing where it is so already. Only
// what others hear of can be recalled.
func (a Account) Recall(told Event) []Event {
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
	case PaymentCaptured, PaymentDeclined:
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
