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
		a = a.Apply(a.Lose(account.Charge, at)...)
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
	if events := a.Lose(account.Charge, noon); len(events) != 0 {
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
