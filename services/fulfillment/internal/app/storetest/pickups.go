package storetest

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"quadrille.dev/platform/event"
	"quadrille.dev/services/fulfillment/internal/app"
	"quadrille.dev/services/fulfillment/internal/pickup"
	"quadrille.dev/services/fulfillment/internal/shipment"
)

func asked(n byte) app.Asked {
	id := uuid.MustParse("01996f60-2b10-7a3c-8d55-0c4e7b9a1e00")
	id[15] = n
	return app.Asked{Return: pickup.ReturnID{UUID: id}, Order: order(n).ID, Asker: "ordering.replies"}
}

// arrange brings a return, of an order that was placed, to where its pick-up is due at a time.
func arrange(t *testing.T, s Subject, n byte, at time.Time) {
	t.Helper()
	do(t, s, func(ctx context.Context, store app.Store) error { return app.Open(ctx, store, order(n), at) })
	do(t, s, func(ctx context.Context, store app.Store) error { return app.ArrangePickup(ctx, store, asked(n), at) })
}

func cancelPickup(t *testing.T, s Subject, n byte) {
	t.Helper()
	do(t, s, func(ctx context.Context, store app.Store) error { return app.CancelPickup(ctx, store, asked(n), noon) })
}

func takeCollections(t *testing.T, s Subject, lane app.Lane, at time.Time, limit int) (calls []app.Collection) {
	t.Helper()
	do(t, s, func(ctx context.Context, store app.Store) (err error) {
		calls, err = app.TakeCollections(ctx, store, lane, at, limit)
		return err
	})
	return calls
}

func keepsEveryFieldOfAPickup(t *testing.T, s Subject) {
	for n, want := range []pickup.Pickup{
		pickup.New(asked(0).Return),
		{
			Return: asked(1).Return, Order: order(1).ID, Version: 7, Status: pickup.Cancelling, CalledOff: true,
			Arranger: "here", Canceller: "there", Number: "QC-1", Reason: "why",
			Call: pickup.Call{Operation: pickup.CancelPickup, Attempts: 2, DueAt: noon.Add(time.Microsecond)},
		},
	} {
		var got pickup.Pickup
		if n > 0 {
			do(t, s, func(ctx context.Context, store app.Store) error {
				if _, err := store.Pickup(ctx, want.Return); err != nil {
					return err
				}
				return store.SavePickup(ctx, want, noon)
			})
		}
		do(t, s, func(ctx context.Context, store app.Store) (err error) {
			got, err = store.Pickup(ctx, want.Return)
			return err
		})
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	}
}

// said are the answers published, as command, outcome and reference.
func said(t *testing.T, s Subject, n byte, from int64) (answers []string) {
	t.Helper()
	for i, fact := range s.Published() {
		var data struct{ ReturnID, OrderID, Command, Outcome, Reference, Reason string }
		must(t, json.Unmarshal(fact.Data, &data))
		answers = append(answers, data.Command+" "+data.Outcome+" "+data.Reference+data.Reason)
		if fact.Name() != "fulfillment.pickup.answered" || fact.Subject != asked(n).Return.String() || fact.Sequence != from+int64(i) ||
			data.ReturnID != fact.Subject || data.OrderID != order(n).ID.String() {
			t.Errorf("%s %d of %s: %s", fact.Name(), fact.Sequence, fact.Subject, fact.Data)
		}
	}
	return answers
}

func pickedUp(t *testing.T, s Subject) {
	arrange(t, s, 1, noon)
	call := takeCollections(t, s, app.First, noon, 1)[0]
	if call.Address != order(1).Address || call.Order != order(1).ID || call.Operation != pickup.Collect {
		t.Errorf("asked %+v", call)
	}
	booked := app.Answer{Outcome: app.Done, Carrier: "Quill & Post", TrackingNumber: "QC-1"}
	do(t, s, func(ctx context.Context, store app.Store) error {
		return app.HearCollection(ctx, store, call, booked, patience, noon)
	})
	cancelPickup(t, s, 1)
	call = takeCollections(t, s, app.First, noon, 1)[0]
	if call.Operation != pickup.CancelPickup || call.Address != (shipment.Address{}) {
		t.Errorf("asked %+v", call)
	}
	do(t, s, func(ctx context.Context, store app.Store) error {
		return app.HearCollection(ctx, store, call, app.Answer{Outcome: app.Done}, patience, noon)
	})
	cancelPickup(t, s, 1)
	if diff := cmp.Diff([]string{"arrangePickup DONE QC-1", "cancelPickup UNDONE ", "cancelPickup UNDONE "}, said(t, s, 1, 1)); diff != "" {
		t.Error(diff)
	}
}

// pickupToNowhere is of an order that was never heard of, and of one whose address is forgotten before the carrier is asked.
func pickupToNowhere(t *testing.T, s Subject) {
	do(t, s, func(ctx context.Context, store app.Store) error { return app.ArrangePickup(ctx, store, asked(1), noon) })
	unknown := []string{"arrangePickup REFUSED The address is not known."}
	if diff := cmp.Diff(unknown, said(t, s, 1, 1)); diff != "" {
		t.Error(diff)
	}
	arrange(t, s, 2, noon)
	do(t, s, func(ctx context.Context, store app.Store) error { return app.Cancel(ctx, store, order(2).ID, noon) })
	do(t, s, func(ctx context.Context, store app.Store) error { return app.Forget(ctx, store, customer, noon) })
	s.Published()
	if calls := takeCollections(t, s, app.First, noon, 9); len(calls) != 0 {
		t.Errorf("asked %+v", calls)
	}
	if diff := cmp.Diff(unknown, said(t, s, 2, 1)); diff != "" {
		t.Error(diff)
	}
}

func pickupsThatAreDue(t *testing.T, s Subject) {
	for n := byte(1); n <= 3; n++ {
		arrange(t, s, n, noon.Add(-time.Duration(n)*time.Minute))
	}
	if calls := takeCollections(t, s, app.Again, noon, 9); len(calls) != 0 {
		t.Errorf("again, before the first time: %v", calls)
	}
	if early := takeCollections(t, s, app.First, noon.Add(-time.Hour), 9); len(early) != 0 {
		t.Errorf("taken early: %v", early)
	}
	var taken []pickup.ReturnID
	for _, call := range append(takeCollections(t, s, app.First, noon, 2), takeCollections(t, s, app.First, noon, 2)...) {
		taken = append(taken, call.Return)
	}
	if diff := cmp.Diff([]pickup.ReturnID{asked(3).Return, asked(2).Return, asked(1).Return}, taken); diff != "" {
		t.Error(diff)
	}
	if calls := takeCollections(t, s, app.Again, noon.Add(shipment.Lease-time.Microsecond), 9); len(calls) != 0 {
		t.Errorf("under lease: %v", calls)
	}
	if calls := takeCollections(t, s, app.Again, noon.Add(shipment.Lease), 9); len(calls) != 3 || calls[0].Attempt != 2 {
		t.Errorf("when the lease has ended: %v", calls)
	}
}

func originOfAPickup(t *testing.T, s Subject) {
	cause := uuid.MustParse("6f1b1c9e-2a52-4c0e-9d3b-0f6a5d1c7e42")
	intended := event.Origin{
		CausationID: cause.String(), TraceParent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", OrderNumber: "Q-00000001",
	}
	do(t, s, func(ctx context.Context, store app.Store) error { return app.Open(ctx, store, order(1), noon) })
	do(t, s, func(ctx context.Context, store app.Store) error {
		return app.ArrangePickup(intended.Continue(ctx), store, asked(1), noon)
	})
	takeCollections(t, s, app.First, noon, 1)
	cancelPickup(t, s, 1)
	calls := takeCollections(t, s, app.Again, noon.Add(time.Hour), 1)
	if len(calls) != 1 || calls[0].Origin != intended {
		t.Errorf("%+v", calls)
	}
}
