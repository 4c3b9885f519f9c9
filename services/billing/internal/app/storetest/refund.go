package storetest

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"quadrille.dev/platform/event"
	"quadrille.dev/platform/money"
	"quadrille.dev/schema/eventtest"
	"quadrille.dev/services/billing/internal/account"
	"quadrille.dev/services/billing/internal/app"
	"quadrille.dev/services/billing/internal/refund"
)

// returned is a command to refund so much of order 1.
func returned(n byte, minor int64) refund.Command {
	id := uuid.MustParse("01996f60-2b10-7a3c-8d55-0c4e7b9a1e00")
	id[15] = n
	return refund.Command{
		Return: refund.ReturnID{UUID: id}, Order: order(1).ID, Amount: money.Money{Minor: minor, Currency: "GBP"}, ReplyTo: "asker",
	}
}

// charged has order 1 be charged 425.
func charged(t *testing.T, s Subject) {
	t.Helper()
	intend(t, s, order(1), noon)
	for _, call := range handOver(t, s, app.First, noon, 1) {
		do(t, s, func(ctx context.Context, store app.Store) error {
			return app.Hear(ctx, store, call, app.Answer{Outcome: app.Done, Reference: "pi_1"}, patience, noon)
		})
	}
	s.Published()
}

func readRefund(t *testing.T, s Subject, id refund.ReturnID) (r refund.Refund) {
	t.Helper()
	do(t, s, func(ctx context.Context, store app.Store) (err error) {
		r, err = store.Refund(ctx, id)
		return err
	})
	return r
}

func ask(t *testing.T, s Subject, c refund.Command) {
	t.Helper()
	do(t, s, func(ctx context.Context, store app.Store) error { return app.Refund(ctx, store, c, noon) })
}

func callOff(t *testing.T, s Subject, c refund.Command) {
	t.Helper()
	do(t, s, func(ctx context.Context, store app.Store) error { return app.CallOffRefund(ctx, store, c, noon) })
}

func handOverRefunds(t *testing.T, s Subject, lane app.Lane, at time.Time, limit int) (calls []app.RefundCall) {
	t.Helper()
	do(t, s, func(ctx context.Context, store app.Store) (err error) {
		calls, err = app.HandOverRefunds(ctx, store, lane, at, limit)
		return err
	})
	return calls
}

func hearRefund(t *testing.T, s Subject, call app.RefundCall, answer app.Answer) {
	t.Helper()
	do(t, s, func(ctx context.Context, store app.Store) error {
		return app.HearRefund(ctx, store, call, answer, patience, noon)
	})
}

func newRefund(t *testing.T, s Subject) {
	id := returned(1, 0).Return
	if diff := cmp.Diff(refund.Of(id), readRefund(t, s, id)); diff != "" {
		t.Error(diff)
	}
}

func keepsAWholeRefund(t *testing.T, s Subject) {
	whole := refund.Refund{
		Return: returned(1, 0).Return, Version: 7, Status: refund.Asked, Order: order(1).ID, Amount: money.Money{Minor: 300, Currency: "GBP"},
		ChargeID: "pi_1", InvoiceNumber: "INV-Q-1", ReplyTo: "asker", CancelReplyTo: "other", Reason: "No.", RefundID: "re_1",
		Note: "CN-00000001", Attempts: 3, DueAt: noon.Add(time.Microsecond),
	}
	do(t, s, func(ctx context.Context, store app.Store) error {
		if _, err := store.Refund(ctx, whole.Return); err != nil {
			return err
		}
		return store.SaveRefund(ctx, whole, noon)
	})
	if diff := cmp.Diff(whole, readRefund(t, s, whole.Return)); diff != "" {
		t.Error(diff)
	}
}

// said checks what is published of a return, and answers it in short.
func said(t *testing.T, s Subject, c refund.Command, version int64) (told []string) {
	t.Helper()
	for i, m := range s.Published() {
		told = append(told, m.Name()+" "+short(t, m))
		if err := eventtest.Validate(m.Name(), 1, m.Data); err != nil {
			t.Error(err)
		}
		if m.Subject != c.Return.String() || m.CorrelationID != c.Return.String() || m.Sequence != version+int64(i+1) {
			t.Errorf("%s: %d of %s in %s", m.Name(), m.Sequence, m.Subject, m.CorrelationID)
		}
	}
	return told
}

func short(t *testing.T, m event.Envelope) string {
	t.Helper()
	data, err := event.Data[struct{ Command, Outcome, Reference, Number, InvoiceNumber, RefundID string }](m)
	must(t, err)
	if m.Name() == "billing.creditnote.issued" {
		return data.Number + " of " + data.InvoiceNumber + ", " + data.RefundID
	}
	return data.Command + " " + data.Outcome + " " + data.Reference
}

func refundsAndAnswers(t *testing.T, s Subject) {
	charged(t, s)
	c := returned(1, 300)
	ask(t, s, c)
	if told := said(t, s, c, 0); len(told) > 0 {
		t.Errorf("told %v before the provider was asked", told)
	}
	calls := handOverRefunds(t, s, app.First, noon, 9)
	want := []app.RefundCall{{
		Return: c.Return, Order: c.Order, Operation: refund.Give, Amount: c.Amount, ChargeID: "pi_1", Attempt: 1,
	}}
	if diff := cmp.Diff(want, calls); diff != "" {
		t.Fatal(diff)
	}
	callOff(t, s, c)
	hearRefund(t, s, calls[0], app.Answer{Outcome: app.Done, Reference: "re_1"})
	told := []string{
		"billing.creditnote.issued CN-00000001 of INV-Q-1, re_1", "billing.refund.answered refund DONE CN-00000001",
		"billing.refund.answered cancelRefund DONE CN-00000001",
	}
	if diff := cmp.Diff(told, said(t, s, c, 0)); diff != "" {
		t.Error(diff)
	}
	ask(t, s, c)
	if diff := cmp.Diff(told[1:2], said(t, s, c, 3)); diff != "" {
		t.Error(diff)
	}
}

func refundsThatAreDue(t *testing.T, s Subject) {
	charged(t, s)
	for n := byte(1); n <= 3; n++ {
		do(t, s, func(ctx context.Context, store app.Store) error {
			return app.Refund(ctx, store, returned(n, 100), noon.Add(-time.Duration(n)*time.Minute))
		})
	}
	if early := handOverRefunds(t, s, app.First, noon.Add(-time.Hour), 9); len(early) > 0 {
		t.Errorf("handed over early: %v", early)
	}
	var handed []refund.ReturnID
	for _, call := range append(handOverRefunds(t, s, app.First, noon, 2), handOverRefunds(t, s, app.First, noon, 2)...) {
		handed = append(handed, call.Return)
	}
	if diff := cmp.Diff([]refund.ReturnID{returned(3, 0).Return, returned(2, 0).Return, returned(1, 0).Return}, handed); diff != "" {
		t.Error(diff)
	}
	ended := noon.Add(account.Lease)
	if leased := handOverRefunds(t, s, app.Again, ended.Add(-time.Microsecond), 9); len(leased) > 0 {
		t.Errorf("under lease: %v", leased)
	}
	if first := handOverRefunds(t, s, app.First, ended, 9); len(first) > 0 {
		t.Errorf("the first time, again: %v", first)
	}
	if again := handOverRefunds(t, s, app.Again, ended, 9); len(again) != 3 || again[0].Attempt != 2 {
		t.Errorf("when the lease has ended: %v", again)
	}
}

func originOfARefund(t *testing.T, s Subject) {
	charged(t, s)
	intended := event.Origin{
		CausationID: "6f1b1c9e-2a52-4c0e-9d3b-0f6a5d1c7e42", TraceParent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
		OrderNumber: "Q-00000001",
	}
	do(t, s, func(ctx context.Context, store app.Store) error {
		return app.Refund(intended.Continue(ctx), store, returned(1, 300), noon)
	})
	handOverRefunds(t, s, app.First, noon, 1)
	callOff(t, s, returned(1, 0))
	if calls := handOverRefunds(t, s, app.Again, noon.Add(time.Hour), 1); len(calls) != 1 || calls[0].Origin != intended {
		t.Errorf("%+v", calls)
	}
}

// whatIsPromised has returns that together want more than the order has paid.
func whatIsPromised(t *testing.T, s Subject) {
	charged(t, s)
	ask(t, s, returned(1, 300))
	ask(t, s, returned(2, 126))
	if r := readRefund(t, s, returned(2, 0).Return); r.Status != refund.Refused || r.Reason != "Only 1.25 GBP is left to give back." {
		t.Errorf("more than is left is %s: %q", r.Status, r.Reason)
	}
	callOff(t, s, returned(1, 0))
	ask(t, s, returned(3, 425))
	for _, call := range handOverRefunds(t, s, app.First, noon, 9) {
		hearRefund(t, s, call, app.Answer{Outcome: app.Done, Reference: "re_3"})
	}
	ask(t, s, returned(4, 1))
	for n, want := range map[byte]refund.Status{1: refund.CalledOff, 2: refund.Refused, 3: refund.Refunded, 4: refund.Refused} {
		if r := readRefund(t, s, returned(n, 0).Return); r.Status != want {
			t.Errorf("return %d is %s, want %s", n, r.Status, want)
		}
	}
	do(t, s, func(ctx context.Context, store app.Store) error {
		promised, err := store.Promised(ctx, order(1).ID)
		if promised != 425 {
			t.Errorf("%d are promised", promised)
		}
		return err
	})
}

func creditNotesAreCounted(t *testing.T, s Subject) {
	charged(t, s)
	ask(t, s, returned(1, 0))
	told := app.NoteTold{Return: returned(2, 0).Return, Event: refund.CreditNoteIssued{
		Order: order(1).ID, Number: "CN-00000009", Invoice: "INV-Q-1", Amount: money.Money{Minor: 5, Currency: "GBP"}, RefundID: "re_9",
	}}
	for range 2 {
		do(t, s, func(ctx context.Context, store app.Store) error { return app.RecallNote(ctx, store, told, noon) })
	}
	_ = s.Do(func(store app.Store) error { // gives its number back
		if err := app.Refund(t.Context(), store, returned(3, 0), noon); err != nil {
			return err
		}
		return context.Canceled
	})
	ask(t, s, returned(4, 0))
	for n, want := range map[byte]string{1: "CN-00000001", 2: "CN-00000009", 3: "", 4: "CN-00000010"} {
		if r := readRefund(t, s, returned(n, 0).Return); r.Note != want {
			t.Errorf("return %d has %q, want %q", n, r.Note, want)
		}
	}
	if r := readRefund(t, s, returned(2, 0).Return); r.Status != refund.Refunded || r.RefundID != "re_9" || r.Amount.Minor != 5 {
		t.Errorf("recalled %+v", r)
	}
}

func refundsInDoubt(t *testing.T, s Subject) {
	charged(t, s)
	ask(t, s, returned(1, 100))
	ask(t, s, returned(2, 100))
	handOverRefunds(t, s, app.First, noon, 1)
	for _, want := range []int{1, 0} {
		do(t, s, func(ctx context.Context, store app.Store) error {
			found, err := app.DoubtRefunds(ctx, store, noon, 9)
			if found != want {
				t.Errorf("%d in doubt, want %d", found, want)
			}
			return err
		})
	}
	doubted := handOverRefunds(t, s, app.Again, noon, 9)
	if len(doubted) != 1 || doubted[0].Operation != refund.Find {
		t.Fatalf("handed over %+v", doubted)
	}
	hearRefund(t, s, doubted[0], app.Answer{Outcome: app.Refused})
	if r := readRefund(t, s, doubted[0].Return); r.Status != refund.New {
		t.Errorf("not found, it is %s", r.Status)
	}
}
