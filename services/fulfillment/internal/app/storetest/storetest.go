// Package storetest holds every store of fulfillment to the same promises.
package storetest

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"quadrille.dev/platform/event"
	"quadrille.dev/schema/eventtest"
	"quadrille.dev/services/fulfillment/internal/app"
	"quadrille.dev/services/fulfillment/internal/shipment"
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
	customer = shipment.CustomerID{UUID: uuid.MustParse("01996f1e-0b7d-7a33-b1c9-5e4f2a6d8c11")}
)

func order(n byte) shipment.Order {
	id := uuid.MustParse("01996f3a-5c10-7c2e-9a41-3b8e2f6d1a00")
	id[15] = n
	return shipment.Order{
		ID: shipment.OrderID{UUID: id}, Customer: customer,
		Address: shipment.Address{Name: "Ada", Street: "12 St James's Square", City: "London", PostalCode: "SW1Y 4JH", CountryCode: "GB"},
	}
}

// Run runs the suite; begin makes an empty store.
func Run(t *testing.T, begin func(t *testing.T) Subject) {
	for name, test := range map[string]func(*testing.T, Subject){
		"a new shipment":                 newShipment,
		"keeps every field":              keepsEveryField,
		"numbers facts":                  numbersFacts,
		"calls that are due":             callsThatAreDue,
		"the lanes":                      lanes,
		"the lane of parcels":            tracking,
		"the origin of a call":           originOfACall,
		"an erased customer":             erasedCustomer,
		"a call that stalls":             callThatStalls,
		"a call that is resolved":        callThatIsResolved,
		"an error changes nothing":       errorChangesNothing,
		"keeps every field of a pick-up": keepsEveryFieldOfAPickup,
		"a pick-up":                      pickedUp,
		"a pick-up to nowhere":           pickupToNowhere,
		"pick-ups that are due":          pickupsThatAreDue,
		"the origin of a pick-up":        originOfAPickup,
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

func read(t *testing.T, s Subject, id shipment.OrderID) (p shipment.Shipment) {
	t.Helper()
	do(t, s, func(ctx context.Context, store app.Store) (err error) {
		p, err = store.Shipment(ctx, id)
		return err
	})
	return p
}

func newShipment(t *testing.T, s Subject) {
	id := order(1).ID
	if diff := cmp.Diff(shipment.New(id), read(t, s, id)); diff != "" {
		t.Error(diff)
	}
	if facts := s.Published(); len(facts) != 0 {
		t.Errorf("published %v", facts)
	}
}

func keepsEveryField(t *testing.T, s Subject) {
	o := order(1)
	whole := shipment.Shipment{
		Order: o.ID, Version: 7, Opened: true, Customer: customer, Address: o.Address, Paid: true, Fulfilled: true,
		Status: shipment.Arranged, Carrier: "Quill & Post", TrackingNumber: "QP1", Reason: "why", Stated: true, Erased: true,
		Call: shipment.Call{Operation: shipment.HandOver, Attempts: 2, Tries: 1, Stalled: true, DueAt: noon.Add(time.Microsecond)},
	}
	calledOff := whole
	calledOff.Order, calledOff.Fulfilled, calledOff.CalledOff = order(2).ID, false, true
	for _, want := range []shipment.Shipment{whole, calledOff} {
		do(t, s, func(ctx context.Context, store app.Store) error {
			if _, err := store.Shipment(ctx, want.Order); err != nil {
				return err
			}
			return store.Save(ctx, want, noon)
		})
		if diff := cmp.Diff(want, read(t, s, want.Order)); diff != "" {
			t.Error(diff)
		}
	}
}

func numbersFacts(t *testing.T, s Subject) {
	o := order(1)
	intend(t, s, o, noon)
	call := take(t, s, app.First, noon, 1)[0]
	booked := app.Answer{Outcome: app.Done, Carrier: "Quill & Post", TrackingNumber: "QP1"}
	do(t, s, func(ctx context.Context, store app.Store) error {
		return app.Hear(ctx, store, call, booked, patience, noon)
	})
	do(t, s, func(ctx context.Context, store app.Store) error { return app.Cancel(ctx, store, o.ID, noon) })
	call = take(t, s, app.First, noon, 1)[0]
	do(t, s, func(ctx context.Context, store app.Store) error {
		return app.Hear(ctx, store, call, app.Answer{Outcome: app.Done}, patience, noon)
	})
	var told []string
	for i, fact := range s.Published() {
		told = append(told, fact.Name())
		if fact.Sequence != int64(i+1) || fact.Subject != o.ID.String() || fact.CorrelationID != o.ID.String() {
			t.Errorf("%s: sequence %d of %s in %s", fact.Name(), fact.Sequence, fact.Subject, fact.CorrelationID)
		}
	}
	want := []string{"fulfillment.shipment.arranged", "fulfillment.shipment.cancelled"}
	if diff := cmp.Diff(want, told); diff != "" {
		t.Error(diff)
	}
}

// intend brings an order to where its booking is due at a time.
func intend(t *testing.T, s Subject, o shipment.Order, at time.Time) {
	t.Helper()
	do(t, s, func(ctx context.Context, store app.Store) error { return app.Open(ctx, store, o, at) })
	do(t, s, func(ctx context.Context, store app.Store) error { return app.Book(ctx, store, o.ID, at) })
}

func take(t *testing.T, s Subject, lane app.Lane, at time.Time, limit int) (calls []app.Call) {
	t.Helper()
	do(t, s, func(ctx context.Context, store app.Store) (err error) {
		calls, err = app.Take(ctx, store, lane, at, limit)
		return err
	})
	return calls
}

func callsThatAreDue(t *testing.T, s Subject) {
	for n := byte(1); n <= 3; n++ {
		intend(t, s, order(n), noon.Add(-time.Duration(n)*time.Minute))
	}
	if early := take(t, s, app.First, noon.Add(-time.Hour), 9); len(early) != 0 {
		t.Errorf("taken early: %v", early)
	}
	var taken []shipment.OrderID
	for _, call := range append(take(t, s, app.First, noon, 2), take(t, s, app.First, noon, 2)...) {
		taken = append(taken, call.Order)
	}
	if diff := cmp.Diff([]shipment.OrderID{order(3).ID, order(2).ID, order(1).ID}, taken); diff != "" {
		t.Error(diff)
	}
}

func lanes(t *testing.T, s Subject) {
	o := order(1)
	intend(t, s, o, noon)
	if calls := take(t, s, app.Again, noon, 9); len(calls) != 0 {
		t.Errorf("again, before the first time: %v", calls)
	}
	if calls := take(t, s, app.First, noon, 9); len(calls) != 1 || calls[0].Attempt != 1 {
		t.Errorf("the first time: %v", calls)
	}
	ended := noon.Add(shipment.Lease)
	if calls := take(t, s, app.Again, ended.Add(-time.Microsecond), 9); len(calls) != 0 {
		t.Errorf("under lease: %v", calls)
	}
	if calls := take(t, s, app.First, ended, 9); len(calls) != 0 {
		t.Errorf("the first time, again: %v", calls)
	}
	if calls := take(t, s, app.Again, ended, 9); len(calls) != 1 || calls[0].Attempt != 2 {
		t.Errorf("when the lease has ended: %v", calls)
	}
}

func tracking(t *testing.T, s Subject) {
	under := shipment.New(order(1).ID)
	under.Status, under.Call = shipment.Dispatched, shipment.Call{Operation: shipment.Track, DueAt: noon}
	do(t, s, func(ctx context.Context, store app.Store) error {
		if _, err := store.Shipment(ctx, under.Order); err != nil {
			return err
		}
		return store.Save(ctx, under, noon)
	})
	for n, at := range []time.Time{noon, noon.Add(time.Hour)} {
		if calls := append(take(t, s, app.First, at, 9), take(t, s, app.Again, at, 9)...); len(calls) != 0 {
			t.Errorf("in the lanes of others: %v", calls)
		}
		if calls := take(t, s, app.Tracking, at, 9); len(calls) != 1 || calls[0].Attempt != n+1 {
			t.Errorf("look %d: %v", n+1, calls)
		}
	}
}

func originOfACall(t *testing.T, s Subject) {
	o, cause := order(1), uuid.MustParse("6f1b1c9e-2a52-4c0e-9d3b-0f6a5d1c7e42")
	intended := event.Origin{
		CausationID: cause.String(), TraceParent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", OrderNumber: "Q-00000001",
	}
	do(t, s, func(ctx context.Context, store app.Store) error { return app.Open(ctx, store, o, noon) })
	do(t, s, func(ctx context.Context, store app.Store) error {
		return app.Book(intended.Continue(ctx), store, o.ID, noon)
	})
	take(t, s, app.First, noon, 1)
	do(t, s, func(ctx context.Context, store app.Store) error { return app.Dispatch(ctx, store, o.ID, noon) })
	calls := take(t, s, app.Again, noon.Add(time.Hour), 1)
	if len(calls) != 1 || calls[0].Origin != intended {
		t.Errorf("%+v", calls)
	}
}

var patience = shipment.Patience{First: time.Second, Longest: time.Second, Tries: 2}

// stall brings an order to where its booking has stalled, and answers when.
func stall(t *testing.T, s Subject, o shipment.Order) (at time.Time) {
	t.Helper()
	intend(t, s, o, noon)
	at = noon
	for _, lane := range []app.Lane{app.First, app.Again, app.Again} {
		calls := take(t, s, lane, at, 1)
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
	told := s.Published()
	if len(told) != 1 || told[0].Name() != "fulfillment.shipment.stalled" || told[0].Sequence != 1 {
		t.Fatalf("told %+v", told)
	}
	if err := eventtest.Validate("fulfillment.shipment.stalled", 1, told[0].Data); err != nil {
		t.Error(err)
	}
	retry := func(ctx context.Context, store app.Store) (bool, error) {
		return app.Retry(ctx, store, o.ID, shipment.Arranging, at.Add(-time.Hour))
	}
	if changed, err := operate(t, s, retry); !changed || err != nil {
		t.Errorf("retried: %t, %v", changed, err)
	}
	if changed, err := operate(t, s, retry); changed || err != nil {
		t.Errorf("retried again: %t, %v", changed, err)
	}
	if calls := take(t, s, app.Again, at.Add(-time.Hour), 1); len(calls) != 1 || calls[0].Attempt != 4 {
		t.Errorf("after it was retried: %v", calls)
	}
	unknown := func(ctx context.Context, store app.Store) (bool, error) {
		return app.Retry(ctx, store, order(2).ID, shipment.Arranging, at)
	}
	if _, err := operate(t, s, unknown); !errors.Is(err, app.ErrUnknown) {
		t.Errorf("an unknown order: %v", err)
	}
}

func callThatIsResolved(t *testing.T, s Subject) {
	o := order(1)
	at := stall(t, s, o)
	s.Published()
	done := shipment.Resolution{Step: shipment.Arranging, Outcome: shipment.Done, Carrier: "By hand", TrackingNumber: "H1"}
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
	if len(told) != 1 || told[0].Name() != "fulfillment.shipment.arranged" || told[0].CausationID != "" {
		t.Errorf("told %+v", told)
	}
	if calls := take(t, s, app.Again, at.Add(time.Hour), 9); len(calls) != 0 {
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

// erasedCustomer has an order whose parcel the carrier was told of, one whose parcel it was not, and one that is heard of later.
func erasedCustomer(t *testing.T, s Subject) {
	for n := byte(1); n <= 2; n++ {
		do(t, s, func(ctx context.Context, store app.Store) error { return app.Open(ctx, store, order(n), noon) })
	}
	do(t, s, func(ctx context.Context, store app.Store) error { return app.Cancel(ctx, store, order(1).ID, noon) })
	for range 2 {
		do(t, s, func(ctx context.Context, store app.Store) error { return app.Forget(ctx, store, customer, noon) })
	}
	do(t, s, func(ctx context.Context, store app.Store) error { return app.Open(ctx, store, order(3), noon) })
	blank := shipment.Address{CountryCode: order(1).Address.CountryCode}
	for n, want := range map[byte]shipment.Address{1: blank, 2: order(2).Address, 3: blank} {
		if got := read(t, s, order(n).ID); got.Address != want || !got.Erased {
			t.Errorf("order %d, erased: %t, goes to %+v", n, got.Erased, got.Address)
		}
	}
	do(t, s, func(ctx context.Context, store app.Store) error {
		known, err := store.Forgotten(ctx, customer)
		other, otherErr := store.Forgotten(ctx, shipment.CustomerID{UUID: order(9).ID.UUID})
		if !known || other {
			t.Errorf("forgotten: %t, somebody else: %t", known, other)
		}
		return errors.Join(err, otherErr)
	})
}
