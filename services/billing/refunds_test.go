package billing

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"quadrille.dev/platform/event"
	"quadrille.dev/platform/money"
	"quadrille.dev/services/billing/internal/account"
	"quadrille.dev/services/billing/internal/app"
	store "quadrille.dev/services/billing/internal/postgres"
	"quadrille.dev/services/billing/internal/refund"
)

// books is a provider that charges, and gives back as long as there is something left. The first answer to each refund is lost.
type books struct {
	mu    sync.Mutex
	given map[string]int64
	left  int64
	// hold, if set, is closed by whoever lets refunds be answered; asked gets each that is asked for.
	hold  chan struct{}
	asked chan app.RefundCall
}

func (b *books) Ask(_ context.Context, call app.Call) (app.Answer, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.left += call.Amount.Minor
	return app.Answer{Outcome: app.Done, Reference: "pi_1"}, nil
}

func (b *books) AskForReturn(_ context.Context, call app.RefundCall) (app.Answer, error) {
	if b.hold != nil {
		b.asked <- call
		<-b.hold
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if _, known := b.given[call.Key()]; !known {
		if call.Amount.Minor > b.left {
			return app.Answer{Outcome: app.Refused, Reason: "Too much."}, nil
		}
		b.given[call.Key()] = call.Amount.Minor
		b.left -= call.Amount.Minor
		return app.Answer{}, errors.New("connection reset")
	}
	return app.Answer{Outcome: app.Done, Reference: "re_" + call.Return.String()}, nil
}

// returning is billing with an order that has paid 425, and with workers that give back.
func returning(t *testing.T, provider *books) (*running, account.OrderID) {
	t.Helper()
	provider.given = map[string]int64{}
	r := run(t, provider)
	ctx, cancel := context.WithCancel(t.Context())
	var workers sync.WaitGroup
	workers.Go(func() { _ = r.calls.refunds.Run(ctx) })
	workers.Go(func() { _ = r.calls.refundsAgain.Run(ctx) })
	t.Cleanup(func() { cancel(); workers.Wait() })
	order := r.charge(1)
	r.await(order, "billing.payment.captured")
	return r, order
}

func returned(order account.OrderID, n int, minor int64) refund.Command {
	return refund.Command{
		Return: refund.ReturnID{UUID: uuid.NewSHA1(order.UUID, fmt.Append(nil, n))}, Order: order,
		Amount: money.Money{Minor: minor, Currency: "GBP"}, ReplyTo: "ordering.replies",
	}
}

// outcome waits until a command of a return is answered.
func (r *running) outcome(id refund.ReturnID, command refund.Name) string {
	r.t.Helper()
	for {
		rows, err := r.db.Query(r.t.Context(), `
			SELECT envelope FROM outbox WHERE subject = $1 AND exchange = 'ordering.replies' ORDER BY sequence`, id.String())
		if err != nil {
			r.t.Fatal(err)
		}
		bodies, err := pgx.CollectRows(rows, pgx.RowTo[json.RawMessage])
		if err != nil {
			r.t.Fatal(err)
		}
		for _, body := range bodies {
			m, err := event.Decode(body)
			if err != nil {
				r.t.Fatal(err)
			}
			answer, err := event.Data[struct{ Command, Outcome string }](m)
			if err != nil {
				r.t.Fatal(err)
			}
			if answer.Command == string(command) {
				return answer.Outcome
			}
		}
	}
}

// Returns of one order that ask at once, for more than it has paid all together.
func TestReturnsOfOneOrderAtOnceNeverGetMoreThanItHasPaid(t *testing.T) {
	provider := &books{}
	r, order := returning(t, provider)
	const each, fit = 100, 4
	var all sync.WaitGroup
	for n := range 8 {
		all.Go(func() {
			err := r.db.InTx(t.Context(), func(tx pgx.Tx) error {
				return app.Refund(t.Context(), r.calls.bind(tx), returned(order, n, each), time.Now())
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	outcomes := map[string]int{}
	for n := range 8 {
		outcomes[r.outcome(returned(order, n, each).Return, refund.Refunding)]++
	}
	if diff := cmp.Diff(map[string]int{"DONE": fit, "REFUSED": 8 - fit}, outcomes); diff != "" {
		t.Error(diff)
	}
	notes, err := store.Reader{Pool: r.db.Pool}.CreditNotes(t.Context(), []account.OrderID{order})
	if err != nil {
		t.Fatal(err)
	}
	var numbers []string
	for _, note := range notes {
		numbers = append(numbers, note.Note)
	}
	if diff := cmp.Diff([]string{"CN-00000001", "CN-00000002", "CN-00000003", "CN-00000004"}, numbers); diff != "" {
		t.Error(diff)
	}
	provider.mu.Lock()
	defer provider.mu.Unlock()
	if provider.left != 425-fit*each || len(provider.given) != fit {
		t.Errorf("the provider has given back %v, %d are left", provider.given, provider.left)
	}
}

func TestARefundThatIsCancelledWhileItIsMadeStays(t *testing.T) {
	provider := &books{hold: make(chan struct{}), asked: make(chan app.RefundCall, 9)}
	r, order := returning(t, provider)
	c := returned(order, 1, 300)
	r.do(func(ctx context.Context, store app.Store) error { return app.Refund(ctx, store, c, time.Now()) })
	if call := <-provider.asked; call.Attempt != 1 || call.Origin.CausationID != cause.String() {
		t.Errorf("asked %+v", call)
	}
	r.do(func(ctx context.Context, store app.Store) error { return app.CallOffRefund(ctx, store, c, time.Now()) })
	close(provider.hold)
	for _, command := range []refund.Name{refund.Refunding, refund.Cancelling} {
		if got := r.outcome(c.Return, command); got != "DONE" {
			t.Errorf("%s is answered %s", command, got)
		}
	}
}

func TestWhatIsCalledOffBeforeItWasAskedForIsNeverGivenBack(t *testing.T) {
	provider := &books{}
	r, order := returning(t, provider)
	c := returned(order, 1, 300)
	r.do(func(ctx context.Context, store app.Store) error { return app.CallOffRefund(ctx, store, c, time.Now()) })
	r.do(func(ctx context.Context, store app.Store) error { return app.Refund(ctx, store, c, time.Now()) })
	if undone, refused := r.outcome(c.Return, refund.Cancelling), r.outcome(c.Return, refund.Refunding); undone != "UNDONE" || refused != "REFUSED" {
		t.Errorf("cancelled: %s, asked for: %s", undone, refused)
	}
	if calls, err := r.calls.refunds.Claim(t.Context(), 1); err != nil || len(calls) > 0 || len(provider.given) > 0 {
		t.Errorf("asked for: %v, %v", calls, err)
	}
}
