package fulfillment

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
	"quadrille.dev/platform/outbox"
	"quadrille.dev/platform/postgres"
	"quadrille.dev/platform/testkit"
	"quadrille.dev/services/fulfillment/internal/app"
	"quadrille.dev/services/fulfillment/internal/pickup"
	"quadrille.dev/services/fulfillment/internal/shipment"
	"quadrille.dev/services/fulfillment/migrations"
)

// scripted is a carrier that says what it is told to.
type scripted struct {
	mu    sync.Mutex
	asked []app.Call
	says  func(call app.Call) (app.Answer, error)
	// collects says what becomes of pick-ups.
	collects func(call app.Collection) (app.Answer, error)
}

func (p *scripted) Ask(_ context.Context, call app.Call) (app.Answer, error) {
	p.mu.Lock()
	p.asked = append(p.asked, call)
	p.mu.Unlock()
	return p.says(call)
}

func (p *scripted) Collect(_ context.Context, call app.Collection) (app.Answer, error) {
	return p.collects(call)
}

// running is fulfillment's database with its workers.
type running struct {
	t     *testing.T
	db    *postgres.DB
	calls *calls
}

func run(t *testing.T, carrier asker) *running {
	t.Helper()
	return runWith(t, carrier, Config{}.patience())
}

func runWith(t *testing.T, carrier asker, patience shipment.Patience) *running {
	t.Parallel()
	db, err := postgres.Open(t.Context(), testkit.Postgres(t), "test")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	platform := errors.Join(
		db.Migrate(t.Context(), "outbox", outbox.Migrations()), db.Migrate(t.Context(), "inbox", inbox.Migrations()),
		db.Migrate(t.Context(), "audit", audit.Migrations()))
	if err := errors.Join(platform, db.Migrate(t.Context(), "fulfillment", migrations.FS)); err != nil {
		t.Fatal(err)
	}
	r := &running{t: t, db: db, calls: newCalls(db, slog.New(slog.DiscardHandler), carrier, patience)}
	ctx, cancel := context.WithCancel(t.Context())
	var workers sync.WaitGroup
	for _, run := range r.calls.loops() {
		workers.Go(func() { _ = run(ctx) })
	}
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

func (r *running) book(n int) shipment.OrderID {
	r.t.Helper()
	order := shipment.Order{ID: shipment.OrderID{UUID: uuid.NewSHA1(cause, fmt.Append(nil, n))}}
	r.do(func(ctx context.Context, store app.Store) error { return app.Open(ctx, store, order, time.Now()) })
	r.do(func(ctx context.Context, store app.Store) error { return app.Book(ctx, store, order.ID, time.Now()) })
	return order.ID
}

// await returns when the outbox holds a fact of an order, or of a return, and answers it.
func (r *running) await(subject fmt.Stringer, name string) event.Envelope {
	r.t.Helper()
	for {
		rows, err := r.db.Query(r.t.Context(), `SELECT envelope FROM outbox WHERE subject = $1`, subject.String())
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

var booked = app.Answer{Outcome: app.Done, Carrier: "Quill & Post", TrackingNumber: "QP1"}

func TestAParcelGoesAllTheWay(t *testing.T) {
	carrier := &scripted{says: func(call app.Call) (app.Answer, error) {
		if call.Operation == shipment.Track && call.Attempt == 1 {
			return app.Answer{Outcome: app.Refused}, nil
		}
		return booked, nil
	}}
	r := run(t, carrier)
	order := r.book(1)
	arranged := r.await(order, "fulfillment.shipment.arranged")
	if arranged.CausationID != cause.String() {
		t.Errorf("arranged is caused by %q", arranged.CausationID)
	}
	r.do(func(ctx context.Context, store app.Store) error { return app.Dispatch(ctx, store, order, time.Now()) })
	r.await(order, "fulfillment.shipment.dispatched")
	r.await(order, "fulfillment.shipment.delivered")
}

func TestALostAnswerIsAskedForAgainUnderItsKey(t *testing.T) {
	carrier := &scripted{}
	carrier.says = func(call app.Call) (app.Answer, error) {
		if call.Attempt == 1 {
			return app.Answer{}, errors.New("connection refused")
		}
		return booked, nil
	}
	r := run(t, carrier)
	r.await(r.book(1), "fulfillment.shipment.arranged")
	carrier.mu.Lock()
	defer carrier.mu.Unlock()
	if len(carrier.asked) != 2 || carrier.asked[0].Key() != carrier.asked[1].Key() {
		t.Errorf("asked %+v", carrier.asked)
	}
}

// Bookings that the first program that was ever deployed has intended, one handed over to a worker that is gone. The statement stays as
// it is: what was written is not written again.
func TestABookingThatAnOlderBuildIntendedIsMadeByThisOne(t *testing.T) {
	r := run(t, &scripted{says: func(app.Call) (app.Answer, error) { return booked, nil }})
	_, err := r.db.Exec(t.Context(), `
		INSERT INTO shipments (order_id, opened, customer_id, name, street, city, postal_code, country_code, paid,
		                       status, call, call_attempts, call_due_at)
		VALUES ('01940000-0000-7000-8000-000000000001', true, '01940000-0000-7000-8000-0000000000aa', 'Ada', '1 Row', 'London', 'N1', 'GB',
		        true, 'PENDING', 'book', 0, '2026-03-01T12:00:00Z'),
		       ('01940000-0000-7000-8000-000000000002', true, '01940000-0000-7000-8000-0000000000aa', 'Ada', '1 Row', 'London', 'N1', 'GB',
		        true, 'BOOKING', 'book', 1, '2026-03-01T12:00:00Z')`)
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"01940000-0000-7000-8000-000000000001", "01940000-0000-7000-8000-000000000002"} {
		r.await(shipment.OrderID{UUID: uuid.MustParse(id)}, "fulfillment.shipment.arranged")
	}
}

func TestCancelledWhileBookingIsCancelledWithTheCarrier(t *testing.T) {
	asked, cancelled := make(chan struct{}), make(chan struct{})
	carrier := &scripted{says: func(call app.Call) (app.Answer, error) {
		if call.Operation == shipment.Book {
			close(asked)
			<-cancelled
		}
		return booked, nil
	}}
	r := run(t, carrier)
	order := r.book(1)
	<-asked
	r.do(func(ctx context.Context, store app.Store) error { return app.Cancel(ctx, store, order, time.Now()) })
	close(cancelled)
	if fact := r.await(order, "fulfillment.shipment.cancelled"); fact.Sequence != 1 {
		t.Errorf("something was published before: sequence %d", fact.Sequence)
	}
}

// act does what an operator does.
func (r *running) act(order shipment.OrderID, action string, do func(ctx context.Context, store app.Store) (bool, error)) {
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

// keepFailing is fulfillment with a carrier that books and does not answer to an operation while it is down, for longer than its
// patience, and with an order that has stalled at it.
func keepFailing(
	t *testing.T, patience shipment.Patience, operation shipment.Operation,
	lead func(context.Context, app.Store, shipment.OrderID, time.Time) error,
) (r *running, down *atomic.Bool, order shipment.OrderID) {
	t.Helper()
	down = &atomic.Bool{}
	down.Store(true)
	r = runWith(t, &scripted{says: func(call app.Call) (app.Answer, error) {
		if call.Operation == operation && down.Load() {
			return app.Answer{}, errors.New("connection refused")
		}
		return booked, nil
	}}, patience)
	order = r.book(1)
	r.await(order, "fulfillment.shipment.arranged")
	r.do(func(ctx context.Context, store app.Store) error { return lead(ctx, store, order, time.Now()) })
	stalled, err := event.Data[struct {
		Step, Operation, LastError string
		Tries                      int
	}](r.await(order, "fulfillment.shipment.stalled"))
	if err != nil {
		t.Fatal(err)
	}
	if stalled.Step != string(operation.Step()) || stalled.Operation != string(operation) || stalled.LastError != "connection refused" ||
		stalled.Tries != patience.Tries {
		t.Errorf("stalled: %+v", stalled)
	}
	return r, down, order
}

// Reliability line 32.
func TestACompensationThatKeepsFailingIsToldOfAndGoesOnWhenItIsRetried(t *testing.T) {
	r, down, order := keepFailing(t, shipment.Patience{First: time.Hour, Longest: time.Hour, Tries: 1}, shipment.Cancel, app.Cancel)
	down.Store(false)
	r.act(order, "step.retried", func(ctx context.Context, store app.Store) (bool, error) {
		return app.Retry(ctx, store, order, shipment.Arranging, time.Now())
	})
	r.await(order, "fulfillment.shipment.cancelled")
}

func TestAHandoverThatKeepsFailingCanBeResolved(t *testing.T) {
	patience := shipment.Patience{First: time.Millisecond, Longest: time.Millisecond, Tries: 10}
	r, _, order := keepFailing(t, patience, shipment.HandOver, app.Dispatch)
	r.act(order, "step.resolved", func(ctx context.Context, store app.Store) (bool, error) {
		return app.Resolve(ctx, store, order, shipment.Resolution{Step: shipment.Dispatching, Outcome: shipment.Done}, time.Now())
	})
	r.await(order, "fulfillment.shipment.dispatched")
	r.await(order, "fulfillment.shipment.delivered")
}

// The answer to the first try is lost; while it is asked for again the return is called off.
func TestAPickupCalledOffWhileItIsBookedIsCancelledWithTheCarrier(t *testing.T) {
	const again = 2
	trying, calledOff := make(chan struct{}), make(chan struct{})
	var keys []string
	r := run(t, &scripted{collects: func(call app.Collection) (app.Answer, error) {
		keys = append(keys, call.Key())
		switch {
		case call.Operation == pickup.Collect && call.Attempt < again:
			return app.Answer{}, errors.New("connection refused")
		case call.Operation == pickup.Collect:
			close(trying)
			<-calledOff
		}
		return booked, nil
	}})
	placed := shipment.Order{ID: shipment.OrderID{UUID: uuid.New()}, Address: shipment.Address{Name: "Ada", Street: "1 Row", City: "London"}}
	asked := app.Asked{Return: pickup.ReturnID{UUID: uuid.New()}, Order: placed.ID, Asker: "ordering.replies"}
	r.do(func(ctx context.Context, store app.Store) error { return app.Open(ctx, store, placed, time.Now()) })
	r.do(func(ctx context.Context, store app.Store) error {
		return app.ArrangePickup(ctx, store, asked, time.Now())
	})
	<-trying
	r.do(func(ctx context.Context, store app.Store) error {
		return app.CancelPickup(ctx, store, asked, time.Now())
	})
	close(calledOff)
	if fact := r.await(asked.Return, "fulfillment.pickup.answered"); fact.Sequence > 2 || fact.CausationID != cause.String() {
		t.Errorf("%+v", fact)
	}
	id := asked.Return.String()
	if diff := cmp.Diff([]string{"pickup-" + id, "pickup-" + id, "cancel-pickup-" + id}, keys); diff != "" {
		t.Error(diff)
	}
}
