package refund_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"quadrille.dev/platform/money"
	"quadrille.dev/services/billing/internal/account"
	"quadrille.dev/services/billing/internal/refund"
)

func TestWhatCannotBeGivenBackIsRefused(t *testing.T) {
	for name, test := range map[string]struct {
		amount int64
		change func(*refund.Charge)
		want   string
	}{
		"all of it":            {425, func(*refund.Charge) {}, ""},
		"what is left":         {125, func(c *refund.Charge) { c.Promised = 300 }, ""},
		"more than was paid":   {426, func(*refund.Charge) {}, "Only 4.25 GBP is left to give back."},
		"more than is left":    {126, func(c *refund.Charge) { c.Promised = 300 }, "Only 1.25 GBP is left to give back."},
		"more than nothing":    {1, func(c *refund.Charge) { c.Promised = 500 }, "Only 0.00 GBP is left to give back."},
		"nothing was charged":  {1, func(c *refund.Charge) { c.Captured = false }, "Nothing was charged that could be given back."},
		"in another currency":  {1, func(c *refund.Charge) { c.Amount.Currency = "EUR" }, "The order was paid in EUR."},
		"nothing, of nothing":  {0, func(c *refund.Charge) { c.Amount.Minor = 0 }, ""},
		"nothing, all is gone": {0, func(c *refund.Charge) { c.Promised = 425 }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			c, from := asked, charge
			c.Amount.Minor = test.amount
			test.change(&from)
			r := refund.Of(c.Return)
			events := r.Ask(c, from, noon)
			if r = r.Apply(events...); r.Reason != test.want || (r.Status == refund.Refused) != (test.want != "") {
				t.Errorf("%s: %q", r.Status, r.Reason)
			}
		})
	}
}

// What is promised counts as long as it may be given back, and for ever once it was.
func TestWhatIsPromised(t *testing.T) {
	r := refund.Refund{Amount: money.Money{Minor: 300, Currency: "GBP"}}
	for status, want := range map[refund.Status]int64{
		refund.New: 0, refund.Intended: 300, refund.Asked: 300, refund.Doubted: 300, refund.Refunded: 300, refund.Refused: 0, refund.CalledOff: 0,
	} {
		if r.Status = status; r.Promised() != want {
			t.Errorf("%q promises %d, want %d", status, r.Promised(), want)
		}
	}
}

func TestOfWhatAnOrderHasPaid(t *testing.T) {
	a := account.New(asked.Order)
	a.Total, a.Invoice.Number = charge.Amount, "INV-Q-1"
	for status, captured := range map[account.PaymentStatus]bool{
		account.Pending: false, account.Charging: false, account.Captured: true, account.Declined: false, account.Voided: false,
		account.Refunding: false, account.Refunded: false,
	} {
		a.Payment = account.Payment{Status: status, ChargeID: "pi_1"}
		want := charge
		want.Captured, want.Promised = captured, 7
		if diff := cmp.Diff(want, refund.ChargeOf(a, 7)); diff != "" {
			t.Errorf("%s: %s", status, diff)
		}
	}
}

// Whoever is asked again says the same as before, and the reason with it.
func TestAnAnswerIsGivenAgainAsItWas(t *testing.T) {
	r := refund.Of(asked.Return)
	r = r.Apply(r.Ask(asked, charge, noon)...)
	r = r.Apply(r.HandOver(noon)...)
	first, err := r.Refuse("No.")
	if err != nil {
		t.Fatal(err)
	}
	r = r.Apply(first...)
	again := r.Ask(asked, charge, noon)
	want := refund.Answered{Command: refund.Refunding, To: "asker", Order: asked.Order, Outcome: refund.Denied, Reason: "No."}
	if diff := cmp.Diff([]refund.Event{refund.GivingRefused{Reason: "No."}, want}, first); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]refund.Event{want}, again); diff != "" {
		t.Error(diff)
	}
	if r = r.Apply(again...); r.Version != 2 {
		t.Errorf("%d messages", r.Version)
	}
}

func TestThePauseBetweenTriesDoubles(t *testing.T) {
	r, at := refund.Of(asked.Return), noon
	r = r.Apply(r.Ask(asked, charge, at)...)
	for _, want := range []time.Duration{500 * time.Millisecond, time.Second, 2 * time.Second} {
		r = r.Apply(r.HandOver(at)...)
		if r.DueAt != at.Add(account.Lease) {
			t.Errorf("leased until %v", r.DueAt)
		}
		r = r.Apply(r.Lose(refund.Give, patience, at)...)
		if got := r.DueAt.Sub(at); got != want {
			t.Errorf("pause of %v, want %v", got, want)
		}
		at = r.DueAt
	}
	if late := r.Lose(refund.Find, patience, at); late != nil {
		t.Errorf("an answer to what is not asked: %v", late)
	}
}

func TestAnotherRefundOfTheSameReturnIsAContradiction(t *testing.T) {
	r := refund.Of(asked.Return)
	r = r.Apply(r.Ask(asked, charge, noon)...)
	r = r.Apply(r.HandOver(noon)...)
	given, err := r.GiveBack("re_1", "CN-00000001")
	if err != nil {
		t.Fatal(err)
	}
	r = r.Apply(given...)
	if _, err := r.GiveBack("re_2", ""); !errors.Is(err, account.ErrContradiction) {
		t.Errorf("got %v", err)
	}
	if again, err := r.GiveBack("re_1", ""); again != nil || err != nil {
		t.Errorf("the same again: %v, %v", again, err)
	}
}

func TestNumbersOfCreditNotes(t *testing.T) {
	for count, number := range map[int64]string{1: "CN-00000001", 99_999_999: "CN-99999999", 100_000_000: "CN-100000000"} {
		if got := refund.NoteNumber(count); got != number || refund.NoteCount(number) != count {
			t.Errorf("%d is %s, which is %d", count, got, refund.NoteCount(number))
		}
	}
	if got := refund.NoteCount("X-7"); got != 0 {
		t.Errorf("a number of somebody else's counts as %d", got)
	}
}
