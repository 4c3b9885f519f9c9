package account_test

import (
	"testing"

	"quadrille.dev/services/billing/internal/account"
)

// An account that has forgotten what it told is where it was when that is recalled, charges nothing more, and tells nothing twice.
func TestWhatWasToldIsRecalledAndNotDoneAgain(t *testing.T) {
	issued, voided := account.InvoiceIssued{Number: "INV-Q-1", Total: gbp}, account.InvoiceVoided{Number: "INV-Q-1"}
	captured := account.PaymentCaptured{Amount: gbp, ChargeID: "pi_1"}
	for name, test := range map[string]struct {
		told    []account.Event
		payment account.PaymentStatus
		invoice account.InvoiceStatus
	}{
		"captured": {[]account.Event{issued, captured}, account.Captured, account.InvoiceStands},
		"declined": {[]account.Event{issued, account.PaymentDeclined{Amount: gbp, Reason: "No."}}, account.Declined, account.InvoiceStands},
		"voided":   {[]account.Event{issued, voided, account.PaymentVoided{}}, account.Voided, account.InvoiceVoid},
		"refunded": {
			[]account.Event{issued, captured, voided, account.PaymentRefunded{Amount: gbp, RefundID: "re_1"}},
			account.Refunded, account.InvoiceVoid,
		},
	} {
		t.Run(name, func(t *testing.T) {
			a := account.New(order.ID)
			for range 2 { // a second time changes nothing
				for _, told := range test.told {
					a = a.Apply(a.Recall(told, noon)...)
				}
			}
			version := a.Version
			a = a.Apply(a.ReserveStock(noon)...) // what it had heard comes again, in any order
			a = a.Apply(a.Open(order, noon)...)
			if a.Payment.Status != test.payment || a.Invoice.Status != test.invoice || a.Version != version || a.Call != (account.Call{}) {
				t.Errorf("%+v", a)
			}
		})
	}
}

// An intention that may have been carried out cannot be dropped: its answer is waited for, and what was done is undone.
func TestAChargeInDoubtIsAskedForAgainAndRefunded(t *testing.T) {
	a := account.New(order.ID)
	a = a.Apply(a.Open(order, noon)...)
	a = a.Apply(a.ReserveStock(noon)...)
	a = a.Apply(a.Doubt(noon)...)
	a = a.Apply(a.GiveUp(noon)...)
	if a.Payment.Status != account.Charging {
		t.Fatalf("given up as %s", a.Payment.Status)
	}
	if len(a.Doubt(noon)) != 0 {
		t.Error("doubted twice")
	}
	captured, err := a.Capture("pi_1", noon)
	if err != nil {
		t.Fatal(err)
	}
	if a = a.Apply(captured...); a.Call.Operation != account.Refund {
		t.Errorf("%+v", a)
	}
}
