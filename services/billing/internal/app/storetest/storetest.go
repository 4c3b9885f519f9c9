// Package storetest holds every store of billing to the same promises.
package storetest

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"quadrille.dev/platform/event"
	"quadrille.dev/platform/money"
	"quadrille.dev/schema/eventtest"
	"quadrille.dev/services/billing/internal/account"
	"quadrille.dev/services/billing/internal/app"
	"quadrille.dev/services/billing/internal/party"
)

// Subject is a store under test.
type Subject interface {
	// Do runs f in a transaction and answers its error.
	Do(f func(app.Store) error) error
	// Published answers the facts published since it was last called.
	Published() []event.Envelope
}

var (
	noon     = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	customer = account.CustomerID{UUID: uuid.MustParse("01996f1e-0b7d-7a33-b1c9-5e4f2a6d8c11")}
)

func order(n byte) account.Order {
	id := uuid.MustParse("01996f3a-5c10-7c2e-9a41-3b8e2f6d1a00")
	id[15] = n
	return account.Order{
		ID: account.OrderID{UUID: id}, Number: "Q-1", Customer: customer, Total: money.Money{Minor: 425, Currency: "GBP"}, Token: "token",
	}
}

// Run runs the suite; begin makes an empty store.
func Run(t *testing.T, begin func(t *testing.T) Subject) {
	for name, test := range map[string]func(*testing.T, Subject){
		"a new account":            newAccount,
		"keeps every field":        keepsEveryField,
		"numbers facts":            numbersFacts,
		"calls that are due":       callsThatAreDue,
		"the lanes":                lanes,
		"the origin of a call":     originOfACall,
		"an erased customer":       erasedCustomer,
		"keeps who is billed":      keepsWhoIsBilled,
		"questions that are due":   questionsThatAreDue,
		"a call that stalls":       callThatStalls,
		"a call that is resolved":  callThatIsResolved,
		"a new refund":             newRefund,
		"keeps a whole refund":     keepsAWholeRefund,
		"refunds and answers":      refundsAndAnswers,
		"refunds that are due":     refundsThatAreDue,
		"the origin of a refund":   originOfARefund,
		"what is promised":         whatIsPromised,
		"credit notes are counted": creditNotesAreCounted,
		"refunds in doubt":         refundsInDoubt,
		"an error changes nothing": errorChangesNothing,
	} {
		t.Run(name, func(t *testing.T) { test(t, begin(t)) })
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func do(t *testing.T, s Subject, f func(context.Context, app.Store) error) {
	t.Helper()
	must(t, s.Do(func(store app.Store) error { return f(t.Context(), store) }))
}

func read(t *testing.T, s Subject, id account.OrderID) (a account.Account) {
	t.Helper()
	do(t, s, func(ctx context.Context, store app.Store) (err error) {
		a, err = store.Account(ctx, id)
		return err
	})
	return a
}

func newAccount(t *testing.T, s Subject) {
	id := order(1).ID
	if diff := cmp.Diff(account.New(id), read(t, s, id)); diff != "" {
		t.Error(diff)
	}
	if facts := s.Published(); len(facts) != 0 {
		t.Errorf("published %v", facts)
	}
}

func keepsEveryField(t *testing.T, s Subject) {
	o := order(1)
	whole := account.Account{
		Order: o.ID, Version: 7, Opened: true, Customer: customer, Total: o.Total, Token: "token", Reserved: true, GivenUp: true,
		Payment: account.Payment{Status: account.Refunding, ChargeID: "pi", RefundID: "re", Reason: "why", Attempts: 3, Stated: true},
		Invoice: account.Invoice{Status: account.InvoiceVoid, Number: "INV-Q-1"},
		Erased:  true,
		Call:    account.Call{Operation: account.Refund, Attempts: 2, Tries: 1, Stalled: true, DueAt: noon.Add(time.Microsecond)},
	}
	do(t, s, func(ctx context.Context, store app.Store) error {
		if _, err := store.Account(ctx, o.ID); err != nil {
			return err
		}
		return store.Save(ctx, whole, noon)
	})
	if diff := cmp.Diff(whole, read(t, s, o.ID)); diff != "" {
		t.Error(diff)
	}
}

func numbersFacts(t *testing.T, s Subject) {
	o := order(1)
	do(t, s, func(ctx context.Context, store app.Store) error { return app.Open(ctx, store, o, noon) })
	do(t, s, func(ctx context.Context, store app.Store) error { return app.GiveUp(ctx, store, o.ID, noon) })
	var told []string
	for i, fact := range s.Published() {
		told = append(told, fact.Name())
		if fact.Sequence != int64(i+1) || fact.Subject != o.ID.String() || fact.CorrelationID != o.ID.String() {
			t.Errorf("%s: sequence %d of %s in %s", fact.Name(), fact.Sequence, fact.Subject, fact.CorrelationID)
		}
	}
	want := []string{"billing.invoice.issued", "billing.invoice.voided", "billing.payment.voided"}
	if diff := cmp.Diff(want, told); diff != "" {
		t.Error(diff)
	}
}

// intend brings an order to where its charge is due at a time.
func intend(t *testing.T, s Subject, o account.Order, at time.Time) {
	t.Helper()
	do(t, s, func(ctx context.Context, store app.Store) error { return app.Open(ctx, store, o, at) })
	do(t, s, func(ctx context.Context, store app.Store) error { return app.Charge(ctx, store, o.ID, at) })
}

func handOver(t *testing.T, s Subject, lane app.Lane, at time.Time, limit int) (calls []app.Call) {
	t.Helper()
	do(t, s, func(ctx context.Context, store app.Store) (err error) {
		calls, err = app.HandOver(ctx, store, lane, at, limit)
		return err
	})
	return calls
}

func callsThatAreDue(t *testing.T, s Subject) {
	for n := byte(1); n <= 3; n++ {
		intend(t, s, order(n), noon.Add(-time.Duration(n)*time.Minute))
	}
	if early := handOver(t, s, app.First, noon.Add(-time.Hour), 9); len(early) != 0 {
		t.Errorf("handed over early: %v", early)
	}
	var handed []account.OrderID
	for _, call := range append(handOver(t, s, app.First, noon, 2), handOver(t, s, app.First, noon, 2)...) {
		handed = append(handed, call.Order)
	}
	if diff := cmp.Diff([]account.OrderID{order(3).ID, order(2).ID, order(1).ID}, handed); diff != "" {
		t.Error(diff)
	}
}

func lanes(t *testing.T, s Subject) {
	o := order(1)
	intend(t, s, o, noon)
	if calls := handOver(t, s, app.Again, noon, 9); len(calls) != 0 {
		t.Errorf("again, before the first time: %v", calls)
	}
	if calls := handOver(t, s, app.First, noon, 9); len(calls) != 1 || calls[0].Attempt != 1 {
		t.Errorf("the first time: %v", calls)
	}
	ended := noon.Add(account.Lease)
	if calls := handOver(t, s, app.Again, ended.Add(-time.Microsecond), 9); len(calls) != 0 {
		t.Errorf("under lease: %v", calls)
	}
	if calls := handOver(t, s, app.First, ended, 9); len(calls) != 0 {
		t.Errorf("the first time, again: %v", calls)
	}
	if calls := handOver(t, s, app.Again, ended, 9); len(calls) != 1 || calls[0].Attempt != 2 {
		t.Errorf("when the lease has ended: %v", calls)
	}
}

func originOfACall(t *testing.T, s Subject) {
	o, cause := order(1), uuid.MustParse("6f1b1c9e-2a52-4c0e-9d3b-0f6a5d1c7e42")
	intended := event.Origin{
		CausationID: cause.String(), TraceParent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", OrderNumber: "Q-00000001",
	}
	do(t, s, func(ctx context.Context, store app.Store) error { return app.Open(ctx, store, o, noon) })
	do(t, s, func(ctx context.Context, store app.Store) error {
		return app.Charge(intended.Continue(ctx), store, o.ID, noon)
	})
	handOver(t, s, app.First, noon, 1)
	do(t, s, func(ctx context.Context, store app.Store) error { return app.GiveUp(ctx, store, o.ID, noon) })
	calls := handOver(t, s, app.Again, noon.Add(time.Hour), 1)
	if len(calls) != 1 || calls[0].Origin != intended {
		t.Errorf("%+v", calls)
	}
}

var patience = account.Patience{First: time.Second, Longest: time.Second, Tries: 2}

// stall brings an order to where its charge has stalled, and answers when.
func stall(t *testing.T, s Subject, o account.Order) (at time.Time) {
	t.Helper()
	intend(t, s, o, noon)
	at = noon
	for _, lane := range []app.Lane{app.First, app.Again, app.Again} {
		calls := handOver(t, s, lane, at, 1)
		if len(calls) != 1 {
			t.Fatalf("lane %d at %v: %v", lane, at, calls)
		}
		lost := app.Answer{Reason: "No answer."}
		do(t, s, func(ctx context.Context, store app.Store) error {
			return app.Hear(ctx, store, calls[0], lost, patience, at)
		})
		at = at.Add(patience.Longest)
	}
	return at
}

func operate(t *testing.T, s Subject, act func(context.Context, app.Store) (bool, error)) (changed bool, refused error) {
	t.Helper()
	refused = s.Do(func(store app.Store) (err error) {
		changed, err = act(t.Context(), store)
		return err
	})
	return changed, refused
}

func callThatStalls(t *testing.T, s Subject) {
	o := order(1)
	at := stall(t, s, o)
	var told []event.Envelope
	for _, fact := range s.Published() {
		if fact.Name() == "billing.payment.stalled" {
			told = append(told, fact)
		}
	}
	if len(told) != 1 || told[0].Sequence != 2 {
		t.Fatalf("told %+v", told)
	}
	if err := eventtest.Validate("billing.payment.stalled", 1, told[0].Data); err != nil {
		t.Error(err)
	}
	retry := func(ctx context.Context, store app.Store) (bool, error) {
		return app.Retry(ctx, store, o.ID, at.Add(-time.Hour))
	}
	if changed, err := operate(t, s, retry); !changed || err != nil {
		t.Errorf("retried: %t, %v", changed, err)
	}
	if changed, err := operate(t, s, retry); changed || err != nil {
		t.Errorf("retried again: %t, %v", changed, err)
	}
	if calls := handOver(t, s, app.Again, at.Add(-time.Hour), 1); len(calls) != 1 || calls[0].Attempt != 4 {
		t.Errorf("after it was retried: %v", calls)
	}
	unknown := func(ctx context.Context, store app.Store) (bool, error) {
		return app.Retry(ctx, store, order(2).ID, at)
	}
	if _, err := operate(t, s, unknown); !errors.Is(err, app.ErrUnknown) {
		t.Errorf("an unknown order: %v", err)
	}
}

func callThatIsResolved(t *testing.T, s Subject) {
	o := order(1)
	at := stall(t, s, o)
	s.Published()
	done := app.Resolution{Outcome: account.Done, Reference: "pi_9"}
	resolve := func(ctx context.Context, store app.Store) (bool, error) {
		return app.Resolve(ctx, store, o.ID, done, at)
	}
	if changed, err := operate(t, s, resolve); !changed || err != nil {
		t.Errorf("resolved: %t, %v", changed, err)
	}
	if changed, err := operate(t, s, resolve); changed || err != nil {
		t.Errorf("resolved again: %t, %v", changed, err)
	}
	told := s.Published()
	if len(told) != 1 || told[0].Name() != "billing.payment.captured" || told[0].CausationID != "" {
		t.Errorf("told %+v", told)
	}
	if calls := handOver(t, s, app.Again, at.Add(time.Hour), 9); len(calls) != 0 {
		t.Errorf("still to be made: %v", calls)
	}
}

func errorChangesNothing(t *testing.T, s Subject) {
	o := order(1)
	err := s.Do(func(store app.Store) error {
		if err := app.Open(t.Context(), store, o, noon); err != nil {
			return err
		}
		return context.Canceled
	})
	if err == nil || len(s.Published()) != 0 || read(t, s, o.ID).Opened {
		t.Error("a failed transaction has left something")
	}
}

// erasedCustomer has an order that was charged for, one that may yet be, and one that is heard of later.
func erasedCustomer(t *testing.T, s Subject) {
	intend(t, s, order(1), noon)
	for _, call := range handOver(t, s, app.First, noon, 1) {
		do(t, s, func(ctx context.Context, store app.Store) error {
			return app.Hear(ctx, store, call, app.Answer{Outcome: app.Done, Reference: "pi"}, patience, noon)
		})
	}
	do(t, s, func(ctx context.Context, store app.Store) error { return app.Open(ctx, store, order(2), noon) })
	for range 2 {
		do(t, s, func(ctx context.Context, store app.Store) error { return app.Forget(ctx, store, customer, noon) })
	}
	intend(t, s, order(3), noon)
	for n, want := range map[byte]string{1: "", 2: "token", 3: ""} {
		if got := read(t, s, order(n).ID); got.Token != want || !got.Erased {
			t.Errorf("order %d, erased: %t, is paid with %q", n, got.Erased, got.Token)
		}
	}
	if late := read(t, s, order(3).ID); late.Payment.Status != account.Declined {
		t.Errorf("an order heard of later is %s", late.Payment.Status)
	}
	do(t, s, func(ctx context.Context, store app.Store) error {
		known, err := store.Forgotten(ctx, customer)
		other, otherErr := store.Forgotten(ctx, account.CustomerID{UUID: order(9).ID.UUID})
		if !known || other {
			t.Errorf("forgotten: %t, somebody else: %t", known, other)
		}
		return errors.Join(err, otherErr)
	})
}

func whoIs(t *testing.T, s Subject, id account.CustomerID) (p party.Party) {
	t.Helper()
	do(t, s, func(ctx context.Context, store app.Store) (err error) {
		p, err = store.Party(ctx, id)
		return err
	})
	return p
}

func keepsWhoIsBilled(t *testing.T, s Subject) {
	if diff := cmp.Diff(party.Party{Customer: customer}, whoIs(t, s, customer)); diff != "" {
		t.Error(diff)
	}
	whole := party.Party{
		Customer: customer, Heard: 4, Told: 3, Erased: true, Call: party.Call{Wanted: true, Attempts: 2, DueAt: noon.Add(time.Microsecond)},
		Details: party.Details{
			Name: "Ada", Email: "ada@quadrille.test",
			Address: party.Address{Name: "A.", Street: "1 Row", City: "London", PostalCode: "N1", CountryCode: "GB"},
		},
	}
	do(t, s, func(ctx context.Context, store app.Store) error { return store.SaveParty(ctx, whole) })
	if diff := cmp.Diff(whole, whoIs(t, s, customer)); diff != "" {
		t.Error(diff)
	}
}

func questionsThatAreDue(t *testing.T, s Subject) {
	ask := func(at time.Time) (asked []app.Question) {
		do(t, s, func(ctx context.Context, store app.Store) (err error) {
			asked, err = app.HandOverQuestions(ctx, store, at, 9)
			return err
		})
		return asked
	}
	do(t, s, func(ctx context.Context, store app.Store) error {
		return app.AskWho(ctx, store, app.News{Customer: customer, Sequence: 2}, noon)
	})
	do(t, s, func(ctx context.Context, store app.Store) error {
		return app.AskWho(ctx, store, app.News{Customer: account.CustomerID{UUID: order(9).ID.UUID}}, noon)
	})
	if early := ask(noon.Add(-time.Second)); len(early) > 0 {
		t.Errorf("asked early: %v", early)
	}
	first := app.Question{Customer: customer, Heard: 2, Attempt: 1}
	if diff := cmp.Diff([]app.Question{first}, ask(noon)); diff != "" {
		t.Error(diff)
	}
	if leased := ask(noon.Add(party.Lease - time.Microsecond)); len(leased) > 0 {
		t.Errorf("asked under lease: %v", leased)
	}
	do(t, s, func(ctx context.Context, store app.Store) error { return app.Miss(ctx, store, first, noon) })
	if again := ask(noon.Add(time.Second)); len(again) != 1 || again[0].Attempt != 2 {
		t.Errorf("asked again: %v", again)
	}
	ada := party.Details{Name: "Ada", Email: "ada@quadrille.test"}
	do(t, s, func(ctx context.Context, store app.Store) error { return app.Learn(ctx, store, first, ada, noon) })
	if known := whoIs(t, s, customer); known.Details != ada || len(ask(noon.Add(time.Hour))) > 0 {
		t.Errorf("learnt %+v", known)
	}
}
