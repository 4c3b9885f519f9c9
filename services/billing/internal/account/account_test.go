package account_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"quadrille.dev/platform/money"
	"quadrille.dev/services/billing/internal/account"
)

// charging is an account whose charge was handed over once.
func charging() account.Account {
	a := account.New(order.ID)
	a = a.Apply(a.Open(order, noon)...)
	a = a.Apply(a.ReserveStock(noon)...)
	return a.Apply(a.HandOver(noon)...)
}

func TestALostChargeIsAskedForAgainLaterAndLater(t *testing.T) {
	a, at := charging(), noon
	var waits []time.Duration
	for range 9 {
		a = a.Apply(a.Lose(account.Charge, "", patience, at)...)
		waits = append(waits, a.Call.DueAt.Sub(at))
		if events := a.HandOver(a.Call.DueAt.Add(-1)); len(events) != 0 {
			t.Errorf("handed over early: %v", events)
		}
		at = a.Call.DueAt
		a = a.Apply(a.HandOver(at)...)
	}
	s := time.Second
	want := []time.Duration{s / 2, s, 2 * s, 4 * s, 8 * s, 16 * s, 30 * s, 30 * s, 30 * s}
	if diff := cmp.Diff(want, waits); diff != "" {
		t.Error(diff)
	}
	if a.Payment.Attempts != 10 {
		t.Errorf("%d attempts, want 10", a.Payment.Attempts)
	}
}

func TestAWorkerThatDiesLosesItsLease(t *testing.T) {
	a := charging()
	if events := a.HandOver(noon.Add(account.Lease - 1)); len(events) != 0 {
		t.Errorf("handed over under lease: %v", events)
	}
	if events := a.HandOver(noon.Add(account.Lease)); len(events) != 1 {
		t.Errorf("not handed over when the lease has ended: %v", events)
	}
}

func TestAnAnswerThatComesLateIsNotLost(t *testing.T) {
	a := charging()
	events, err := a.Capture("pi_1", noon)
	if err != nil {
		t.Fatal(err)
	}
	a = a.Apply(events...)
	if events := a.Lose(account.Charge, "", patience, noon); len(events) != 0 {
		t.Errorf("lost after it was answered: %v", events)
	}
}

func TestContradictionsAreErrors(t *testing.T) {
	captured, err := charging().Capture("pi_1", noon)
	if err != nil {
		t.Fatal(err)
	}
	a := charging().Apply(captured...)
	if _, err := a.Capture("pi_2", noon); !errors.Is(err, account.ErrContradiction) {
		t.Errorf("another charge: %v", err)
	}
	if _, err := a.Decline("No."); !errors.Is(err, account.ErrContradiction) {
		t.Errorf("declined after it was captured: %v", err)
	}
}

// stalled is an account whose charge was tried in vain for long.
func stalled(t *testing.T) account.Account {
	t.Helper()
	a, at := charging(), noon
	for a.Call.Tries < patience.Tries {
		if a.Call.Stalled {
			t.Fatalf("stalled after %d tries", a.Call.Tries-1)
		}
		a = a.Apply(a.Lose(account.Charge, "No answer.", patience, at)...)
		at = a.Call.DueAt
		a = a.Apply(a.HandOver(at)...)
	}
	return a.Apply(a.Lose(account.Charge, "No answer.", patience, at)...)
}

func TestPeopleAreToldOfACallThatFailedTenTimesOnce(t *testing.T) {
	a := charging()
	var told []account.Event
	for range 25 {
		events := a.Lose(account.Charge, "No answer.", patience, noon)
		for _, e := range events {
			if e, is := e.(account.CallStalled); is {
				told = append(told, e)
			}
		}
		a = a.Apply(events...)
		a = a.Apply(a.HandOver(a.Call.DueAt)...)
	}
	if diff := cmp.Diff([]account.Event{account.CallStalled{Operation: account.Charge, Tries: 10, Why: "No answer."}}, told); diff != "" {
		t.Error(diff)
	}
}

func TestACallThatIsRetriedIsDueAtOnceAndCountsItsTriesAnew(t *testing.T) {
	a := stalled(t)
	events, err := a.Retry(noon)
	if err != nil {
		t.Fatal(err)
	}
	a = a.Apply(events...)
	if want := (account.Call{Operation: account.Charge, Attempts: 10, DueAt: noon}); a.Call != want {
		t.Errorf("%+v, want %+v", a.Call, want)
	}
	a = a.Apply(a.HandOver(noon)...)
	a = a.Apply(a.Lose(account.Charge, "No answer.", patience, noon)...)
	if wait := a.Call.DueAt.Sub(noon); wait != patience.First || a.Call.Stalled || a.Payment.Attempts != 11 {
		t.Errorf("due again after %v: %+v", wait, a)
	}
}

// What the provider says after an operator has said how the call ended takes nobody's money, and is no second end of the payment.
func TestAnAnswerThatComesAfterAnOperatorsDoesNoHarm(t *testing.T) {
	resolve := func(a account.Account, outcome account.Outcome, reference string) account.Account {
		t.Helper()
		events, err := a.Resolve(outcome, reference, "No.", noon)
		if err != nil {
			t.Fatal(err)
		}
		return a.Apply(events...)
	}
	t.Run("charged, after all", func(t *testing.T) {
		a := resolve(stalled(t), account.Refused, "")
		events, err := a.Capture("pi_1", noon)
		if err != nil {
			t.Fatal(err)
		}
		a = a.Apply(events...)
		if a.Payment.Status != account.Declined || a.Payment.ChargeID != "pi_1" || a.Call != (account.Call{Operation: account.Refund, DueAt: noon}) {
			t.Errorf("the money does not go back: %+v", a)
		}
		a = a.Apply(a.HandOver(noon)...)
		if events, err = a.PayBack("re_1"); err != nil {
			t.Fatal(err)
		}
		if a = a.Apply(events...); a.Payment.Status != account.Declined || a.Call != (account.Call{}) {
			t.Errorf("after the money went back: %+v", a)
		}
	})
	for name, test := range map[string]struct {
		say  account.Account
		hear func(account.Account) ([]account.Event, error)
		err  error
	}{
		"the same charge": {
			resolve(stalled(t), account.Done, "pi_1"),
			func(a account.Account) ([]account.Event, error) { return a.Capture("pi_1", noon) }, nil,
		},
		"another charge": {
			resolve(stalled(t), account.Done, "by hand"),
			func(a account.Account) ([]account.Event, error) { return a.Capture("pi_1", noon) }, account.ErrContradiction,
		},
		"a refusal": {
			resolve(stalled(t), account.Done, "pi_1"),
			func(a account.Account) ([]account.Event, error) { return a.Decline("No.") }, account.ErrContradiction,
		},
		"no answer": {
			resolve(stalled(t), account.Done, "pi_1"),
			func(a account.Account) ([]account.Event, error) {
				return a.Lose(account.Charge, "No answer.", patience, noon), nil
			}, nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			if events, err := test.hear(test.say); len(events) > 0 || !errors.Is(err, test.err) {
				t.Errorf("%v, %v; want %v", events, err, test.err)
			}
		})
	}
}

func TestWhatAnOperatorMaySayOfACall(t *testing.T) {
	for name, test := range map[string]struct {
		account account.Account
		outcome account.Outcome
		err     error
	}{
		"it has not stalled":   {charging(), account.Done, account.ErrNotStalled},
		"nothing is asked":     {account.New(order.ID), account.Done, account.ErrNotStalled},
		"nothing to be undone": {stalled(t), account.Undone, account.ErrOutcome},
		"no outcome":           {stalled(t), "", account.ErrOutcome},
		"done":                 {stalled(t), account.Done, nil},
		"refused":              {stalled(t), account.Refused, nil},
	} {
		t.Run(name, func(t *testing.T) {
			events, err := test.account.Resolve(test.outcome, "ref", "No.", noon)
			if !errors.Is(err, test.err) {
				t.Fatalf("%v, want %v", err, test.err)
			}
			resolved := test.account.Apply(events...)
			if again, err := resolved.Resolve(test.outcome, "ref", "No.", noon); test.err == nil && (err != nil || len(again) > 0) {
				t.Errorf("said again: %v, %v", again, err)
			}
		})
	}
}

func TestWhatCostsNothingIsCapturedAndRefundedAtOnce(t *testing.T) {
	free := order
	free.Total = money.Money{Currency: "GBP"}
	a := account.New(free.ID)
	a = a.Apply(a.ReserveStock(noon)...)
	a = a.Apply(a.Open(free, noon)...)
	if a.Payment.Status != account.Captured || a.Call != (account.Call{}) {
		t.Errorf("%+v", a)
	}
	a = a.Apply(a.GiveUp(noon)...)
	if a.Payment.Status != account.Refunded || a.Call != (account.Call{}) {
		t.Errorf("%+v", a)
	}
}

func TestAnOrderThatWasGivenUpBeforeItWasHeardOfIsKnown(t *testing.T) {
	a := account.New(order.ID)
	a = a.Apply(a.GiveUp(noon)...)
	a = a.Apply(a.Open(order, noon)...)
	if !a.Opened || a.Customer != order.Customer || a.Total != gbp || a.Invoice.Status != account.NoInvoice || a.Payment.Status != account.Voided {
		t.Errorf("it is %+v", a)
	}
}

// Who is erased before their order is heard of has no card that could be charged; who is erased later, is charged as they wanted to be.
func TestOnlyAnOrderWithoutACardIsDeclinedForIt(t *testing.T) {
	erased := order
	erased.Erased = true
	late := account.New(order.ID)
	late = late.Apply(late.Open(order, noon)...)
	late = late.Apply(late.Forget()...)
	early := account.New(order.ID)
	early = early.Apply(early.Open(erased, noon)...)
	if events := late.ReserveStock(noon); len(events) != 2 || events[1] != account.Event(account.CallIntended{Operation: account.Charge, At: noon}) {
		t.Errorf("erased late: %v", events)
	}
	declined := account.PaymentDeclined{Amount: gbp, Reason: "The customer was erased, and with them the card."}
	if events := early.ReserveStock(noon); len(events) != 2 || events[1] != account.Event(declined) {
		t.Errorf("erased early: %v", events)
	}
}

// What is answered twice, or to what was asked before, changes nothing; what was done twice is a contradiction.
func TestAnAnswerBelongsToItsCall(t *testing.T) {
	captured, err := charging().Capture("pi_1", noon)
	if err != nil {
		t.Fatal(err)
	}
	refunding := charging().Apply(captured...)
	refunding = refunding.Apply(refunding.GiveUp(noon)...)
	refunding = refunding.Apply(refunding.HandOver(noon)...)
	if events := refunding.Lose(account.Charge, "No answer.", patience, noon); len(events) != 0 {
		t.Errorf("the answer to a charge is lost while it is refunded: %v", events)
	}
	refunded, err := refunding.PayBack("re_1")
	if err != nil {
		t.Fatal(err)
	}
	if events, err := refunding.Apply(refunded...).PayBack("re_2"); len(events) != 0 || err != nil {
		t.Errorf("refunded again, under another name: %v, %v", events, err)
	}
	resolved, err := stalled(t).Resolve(account.Refused, "", "No.", noon)
	if err != nil {
		t.Fatal(err)
	}
	declined := stalled(t).Apply(resolved...)
	charged, err := declined.Capture("pi_1", noon)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := declined.Apply(charged...).Capture("pi_2", noon); !errors.Is(err, account.ErrContradiction) {
		t.Errorf("charged twice after an operator has said that it is not: %v", err)
	}
}

func TestACardIsKeptUntilTheProviderHasAnswered(t *testing.T) {
	a := charging()
	a = a.Apply(a.Forget()...)
	if a.Token != order.Token {
		t.Errorf("the charge cannot be asked for again: %+v", a)
	}
	events, err := a.Capture("pi_1", noon)
	if a = a.Apply(events...); a.Token != "" || err != nil {
		t.Errorf("the card is kept: %+v, %v", a, err)
	}
}
