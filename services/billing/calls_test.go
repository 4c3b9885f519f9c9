package billing

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"quadrille.dev/platform/audit"
	"quadrille.dev/platform/event"
	"quadrille.dev/platform/inbox"
	"quadrille.dev/platform/money"
	"quadrille.dev/platform/outbox"
	"quadrille.dev/platform/postgres"
	"quadrille.dev/platform/testkit"
	"quadrille.dev/services/billing/internal/account"
	"quadrille.dev/services/billing/internal/app"
	"quadrille.dev/services/billing/internal/party"
	"quadrille.dev/services/billing/migrations"
)

// scripted is a payment provider that says what it is told to.
type scripted struct {
	mu    sync.Mutex
	asked []app.Call
	says  func(call app.Call) (app.Answer, error)
}

func (p *scripted) Ask(_ context.Context, call app.Call) (app.Answer, error) {
	p.mu.Lock()
	p.asked = append(p.asked, call)
	p.mu.Unlock()
	return p.says(call)
}

func (p *scripted) AskForReturn(context.Context, app.RefundCall) (app.Answer, error) {
	return app.Answer{}, errors.New("nothing is said of returns")
}

// nobody is a directory that knows nobody.
type nobody struct{}

func (nobody) Who(context.Context, account.CustomerID) (party.Details, error) {
	return party.Details{}, nil
}

// running is billing's database with its workers.
type running struct {
	t     *testing.T
	db    *postgres.DB
	calls *calls
}

func run(t *testing.T, provider asker) *running {
	t.Helper()
	return runWith(t, provider, Config{}.patience())
}

func runWith(t *testing.T, provider asker, patience account.Patience) *running {
	t.Parallel()
	db, err := postgres.Open(t.Context(), testkit.Postgres(t), "test")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	platform := errors.Join(
		db.Migrate(t.Context(), "outbox", outbox.Migrations()), db.Migrate(t.Context(), "inbox", inbox.Migrations()),
		db.Migrate(t.Context(), "audit", audit.Migrations()))
	if err := errors.Join(platform, db.Migrate(t.Context(), "billing", migrations.FS)); err != nil {
		t.Fatal(err)
	}
	r := &running{t: t, db: db, calls: newCalls(db, slog.New(slog.DiscardHandler), provider, nobody{}, patience)}
	ctx, cancel := context.WithCancel(t.Context())
	var workers sync.WaitGroup
	workers.Go(func() { _ = r.calls.first.Run(ctx) })
	workers.Go(func() { _ = r.calls.again.Run(ctx) })
	t.Cleanup(func() { cancel(); workers.Wait() })
	return r
}

func (r *running) do(use func(ctx context.Context, store app.Store) error) {
	r.t.Helper()
	ctx := event.CausedBy(r.t.Context(), event.Envelope{ID: cause})
	if err := r.db.InTx(ctx, func(tx pgx.Tx) error { return use(ctx, r.calls.bind(tx)) }); err != nil {
		r.t.Fatal(err)
	}
}

var cause = uuid.MustParse("6f1b1c9e-2a52-4c0e-9d3b-0f6a5d1c7e42")

func (r *running) charge(n int) account.OrderID {
	r.t.Helper()
	id := account.OrderID{UUID: uuid.NewSHA1(cause, fmt.Append(nil, n))}
	order := account.Order{
		ID: id, Number: fmt.Sprint(n), Customer: account.CustomerID{UUID: cause},
		Total: money.Money{Minor: 425, Currency: "GBP"}, Token: "t",
	}
	r.do(func(ctx context.Context, store app.Store) error { return app.Open(ctx, store, order, time.Now()) })
	r.do(func(ctx context.Context, store app.Store) error { return app.Charge(ctx, store, id, time.Now()) })
	return id
}

// await returns when the outbox holds a fact of an order, and answers it.
func (r *running) await(order account.OrderID, name string) event.Envelope {
	r.t.Helper()
	for {
		rows, err := r.db.Query(r.t.Context(), `SELECT envelope FROM outbox WHERE subject = $1`, order.String())
		if err != nil {
			r.t.Fatal(err)
		}
		bodies, err := pgx.CollectRows(rows, pgx.RowTo[json.RawMessage])
		if err != nil {
			r.t.Fatal(err)
		}
		for _, body := range bodies {
			if fact, err := event.Decode(body); err == nil && fact.Name() == name {
				return fact
			}
		}
	}
}

func TestAChargeIsMadeAndCausedByWhatAskedForIt(t *testing.T) {
	provider := &scripted{says: func(app.Call) (app.Answer, error) { return app.Answer{Outcome: app.Done, Reference: "pi_1"}, nil }}
	r := run(t, provider)
	captured := r.await(r.charge(1), "billing.payment.captured")
	if captured.CausationID != cause.String() {
		t.Errorf("captured is caused by %q", captured.CausationID)
	}
}

func TestALostAnswerIsAskedForAgainUnderItsKey(t *testing.T) {
	provider := &scripted{}
	provider.says = func(call app.Call) (app.Answer, error) {
		if call.Attempt == 1 {
			return app.Answer{}, errors.New("connection refused")
		}
		return app.Answer{Outcome: app.Done, Reference: "pi_1"}, nil
	}
	r := run(t, provider)
	r.await(r.charge(1), "billing.payment.captured")
	provider.mu.Lock()
	defer provider.mu.Unlock()
	if len(provider.asked) != 2 || provider.asked[0].Key() != provider.asked[1].Key() {
		t.Errorf("asked %+v", provider.asked)
	}
}

func TestCancelledWhileChargingIsRefunded(t *testing.T) {
	asked, cancelled := make(chan struct{}), make(chan struct{})
	provider := &scripted{says: func(call app.Call) (app.Answer, error) {
		if call.Operation == account.Charge {
			close(asked)
			<-cancelled
		}
		return app.Answer{Outcome: app.Done, Reference: string(call.Operation) + "_1"}, nil
	}}
	r := run(t, provider)
	order := r.charge(1)
	<-asked
	r.do(func(ctx context.Context, store app.Store) error { return app.GiveUp(ctx, store, order, time.Now()) })
	close(cancelled)
	r.await(order, "billing.payment.captured")
	r.await(order, "billing.payment.refunded")
}

// act does what an operator does.
func (r *running) act(order account.OrderID, action string, do func(ctx context.Context, store app.Store) (bool, error)) {
	r.t.Helper()
	entry := audit.Entry{ID: uuid.New(), Actor: "olga", Action: action, Target: order.String(), Detail: "Why.", Order: order.String(), At: time.Now()}
	err := desk{r.calls}.Act(r.t.Context(), entry, func(store app.Store) (bool, error) { return do(r.t.Context(), store) })
	if err != nil {
		r.t.Fatal(err)
	}
	want := []string{"olga " + action + " " + order.String() + ": Why."}
	if diff := cmp.Diff(want, testkit.Audited(r.t, r.db)); diff != "" {
		r.t.Error(diff)
	}
}

// down is a provider that charges, and does not answer to refunds while it is down.
type down struct {
	atomic.Bool

	refunds atomic.Int64
}

func (d *down) Ask(_ context.Context, call app.Call) (app.Answer, error) {
	if call.Operation == account.Refund {
		d.refunds.Add(1)
		if d.Load() {
			return app.Answer{}, errors.New("connection refused")
		}
	}
	return app.Answer{Outcome: app.Done, Reference: string(call.Operation) + "_1"}, nil
}

func (*down) AskForReturn(context.Context, app.RefundCall) (app.Answer, error) {
	return app.Answer{}, errors.New("nothing is said of returns")
}

// refunding is billing with an order that is given up after it was charged, while the provider is down for longer than its patience.
func refunding(t *testing.T, patience account.Patience) (*running, *down, account.OrderID) {
	t.Helper()
	provider := &down{}
	provider.Store(true)
	r := runWith(t, provider, patience)
	order := r.charge(1)
	r.await(order, "billing.payment.captured")
	r.do(func(ctx context.Context, store app.Store) error { return app.GiveUp(ctx, store, order, time.Now()) })
	stalled, err := event.Data[struct {
		Operation, LastError string
		Tries                int
	}](r.await(order, "billing.payment.stalled"))
	if err != nil {
		t.Fatal(err)
	}
	if stalled.Operation != "refund" || stalled.LastError != "connection refused" || stalled.Tries != patience.Tries {
		t.Errorf("stalled: %+v", stalled)
	}
	return r, provider, order
}

// Reliability line 32.
func TestACompensationThatKeepsFailingIsToldOfAndGoesOnWhenItIsRetried(t *testing.T) {
	r, provider, order := refunding(t, account.Patience{First: time.Hour, Longest: time.Hour, Tries: 1})
	provider.Store(false)
	r.act(order, "step.retried", func(ctx context.Context, store app.Store) (bool, error) {
		return app.Retry(ctx, store, order, time.Now())
	})
	r.await(order, "billing.payment.refunded")
}

func TestACompensationThatKeepsFailingCanBeResolved(t *testing.T) {
	r, provider, order := refunding(t, account.Patience{First: time.Millisecond, Longest: time.Millisecond, Tries: 10})
	r.act(order, "step.resolved", func(ctx context.Context, store app.Store) (bool, error) {
		return app.Resolve(ctx, store, order, app.Resolution{Outcome: account.Undone, Reference: "by hand"}, time.Now())
	})
	refunded, err := event.Data[struct{ RefundID string }](r.await(order, "billing.payment.refunded"))
	if err != nil || refunded.RefundID != "by hand" {
		t.Errorf("refunded as %q, %v", refunded.RefundID, err)
	}
	asked := provider.refunds.Load()
	if calls, err := r.calls.again.Claim(t.Context(), 1); err != nil || len(calls) > 0 || provider.refunds.Load() > asked+1 {
		t.Errorf("still asked for: %v, %v", calls, err)
	}
}

// Charges that the first program that was ever deployed has intended, one handed over to a worker that is gone. The statement stays as
// it is: what was written is not written again.
func TestAChargeThatAnOlderBuildIntendedIsMadeByThisOne(t *testing.T) {
	provider := &scripted{says: func(app.Call) (app.Answer, error) { return app.Answer{Outcome: app.Done, Reference: "pi_1"}, nil }}
	r := run(t, provider)
	_, err := r.db.Exec(t.Context(), `
		INSERT INTO accounts (order_id, version, opened, customer_id, total, currency, token, reserved, invoice, invoice_number,
		                      payment, attempts, call, call_attempts, call_due_at)
		VALUES ('01940000-0000-7000-8000-000000000001', 1, true, '01940000-0000-7000-8000-0000000000aa', 425, 'GBP', 'pm_card_visa',
		        true, 'ISSUED', 'INV-1', 'PENDING', 0, 'charge', 0, '2026-03-01T12:00:00Z'),
		       ('01940000-0000-7000-8000-000000000002', 1, true, '01940000-0000-7000-8000-0000000000aa', 425, 'GBP', 'pm_card_visa',
		        true, 'ISSUED', 'INV-2', 'CHARGING', 1, 'charge', 1, '2026-03-01T12:00:00Z')`)
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"01940000-0000-7000-8000-000000000001", "01940000-0000-7000-8000-000000000002"} {
		r.await(account.OrderID{UUID: uuid.MustParse(id)}, "billing.payment.captured")
	}
}

// Cards that hang, more of them than a lane has slots, do not hold up the others for longer than their first try lasts.
func TestCallsThatWentWrongDoNotHoldUpOthers(t *testing.T) {
	var hung sync.WaitGroup
	hung.Add(slots)
	release := make(chan struct{})
	provider := &scripted{}
	provider.says = func(call app.Call) (app.Answer, error) {
		switch {
		case call.Attempt == 2:
			hung.Done()
			fallthrough
		case call.Attempt > 2:
			<-release
			return app.Answer{}, errors.New("timeout")
		case call.Amount.Minor == 425 && len(provider.askedFirst()) <= slots:
			return app.Answer{}, errors.New("timeout")
		default:
			return app.Answer{Outcome: app.Done, Reference: "pi_1"}, nil
		}
	}
	r := run(t, provider)
	t.Cleanup(func() { close(release) })
	for n := range slots {
		r.charge(n)
	}
	hung.Wait()
	r.await(r.charge(slots), "billing.payment.captured")
}

func (p *scripted) askedFirst() (first []app.Call) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, call := range p.asked {
		if call.Attempt == 1 {
			first = append(first, call)
		}
	}
	return first
}
