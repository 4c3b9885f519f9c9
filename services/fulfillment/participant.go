package fulfillment

import (
	"context"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/google/uuid"

	"quadrille.dev/platform/testkit"
	"quadrille.dev/services/fulfillment/internal/acl"
	"quadrille.dev/services/fulfillment/internal/app"
	"quadrille.dev/services/fulfillment/internal/memory"
	"quadrille.dev/services/fulfillment/internal/pickup"
	"quadrille.dev/services/fulfillment/internal/shipment"
)

// Participant is fulfillment as an explorer drives it. Calls go to "carrier": "book", "cancel", "handover", and
// "track", to which Done means that the parcel has arrived, and Refused that it has not yet; for a return "collect" under the key
// "pickup-<return>", and "cancelPickup" under "cancel-pickup-<return>", after which the carrier never collects, whatever it is asked for and
// was asked for before.
func Participant() *testkit.Actor[app.Store] {
	return testkit.NewParticipant(testkit.Script[app.Store]{
		Name: "fulfillment", Routes: acl.Routes(), Memory: memory.New(acl.Language()),
		Fire: fire, Calls: waiting, Answer: answer, Describe: describe,
	})
}

// describe names how the shipment of an order stands.
func describe(ctx context.Context, store app.Store, order uuid.UUID) (string, error) {
	known, err := store.Shipment(ctx, shipment.OrderID{UUID: order})
	return known.Describe(), err
}

func fire(ctx context.Context, store app.Store, at time.Time) error {
	for _, lane := range []app.Lane{app.First, app.Again, app.Tracking} {
		if _, err := app.Take(ctx, store, lane, at, math.MaxInt); err != nil {
			return err
		}
	}
	for _, lane := range []app.Lane{app.First, app.Again} {
		if _, err := app.TakeCollections(ctx, store, lane, at, math.MaxInt); err != nil {
			return err
		}
	}
	return nil
}

func asked(store app.Store) []app.Call {
	var calls []app.Call
	for _, intent := range store.(*memory.Shipments).Asked() {
		calls = append(calls, app.CallOf(intent))
	}
	return calls
}

func waiting(store app.Store) []testkit.Call {
	var told []testkit.Call
	for _, call := range asked(store) {
		argument := call.TrackingNumber
		if call.Operation == shipment.Book {
			argument = fmt.Sprintf("%q", call.Address)
		}
		told = append(told, testkit.Call{
			Key: call.Key(), To: "carrier", Operation: string(call.Operation), Subject: call.Order.String(), Argument: argument,
		})
	}
	for _, call := range store.(*memory.Shipments).AskedToCollect() {
		argument := ""
		if call.Operation == pickup.Collect {
			argument = fmt.Sprintf("%q", call.Address)
		}
		told = append(told, testkit.Call{
			Key: call.Key(), To: "carrier", Operation: string(call.Operation), Subject: call.Return.String(), Argument: argument,
		})
	}
	return told
}

var outcomes = map[testkit.Outcome]app.Outcome{testkit.Done: app.Done, testkit.Refused: app.Refused, testkit.Lost: app.Lost}

func answer(ctx context.Context, store app.Store, key string, answer testkit.Answer, at time.Time) error {
	for _, call := range store.(*memory.Shipments).AskedToCollect() {
		if call.Key() == key {
			return hearCollection(ctx, store, call, answer, at)
		}
	}
	for _, call := range asked(store) {
		if call.Key() == key {
			return hear(ctx, store, call, answer, at)
		}
	}
	return answerLate(ctx, store, key, answer, at)
}

// answerLate tells the outcome of a call that waits no more.
func answerLate(ctx context.Context, store app.Store, key string, answer testkit.Answer, at time.Time) error {
	for prefix, operation := range map[string]pickup.Operation{"pickup-": pickup.Collect, "cancel-pickup-": pickup.CancelPickup} {
		if text, is := strings.CutPrefix(key, prefix); is {
			id, err := uuid.Parse(text)
			if err != nil {
				return err
			}
			return hearCollection(ctx, store, app.Collection{Return: pickup.ReturnID{UUID: id}, Operation: operation}, answer, at)
		}
	}
	operation, order, _ := strings.Cut(key, "-")
	id, err := uuid.Parse(order)
	if err != nil {
		return err
	}
	s, err := store.Shipment(ctx, shipment.OrderID{UUID: id})
	if err != nil {
		return err
	}
	call := app.CallOf(app.Intent{Shipment: s})
	call.Operation = shipment.Operation(operation)
	return hear(ctx, store, call, answer, at)
}

func hear(ctx context.Context, store app.Store, call app.Call, answer testkit.Answer, at time.Time) error {
	return app.Hear(call.Origin.Continue(ctx), store, call, said(answer), Config{}.patience(), at)
}

func hearCollection(ctx context.Context, store app.Store, call app.Collection, answer testkit.Answer, at time.Time) error {
	return app.HearCollection(call.Origin.Continue(ctx), store, call, said(answer), Config{}.patience(), at)
}

func said(answer testkit.Answer) app.Answer {
	return app.Answer{
		Outcome: outcomes[answer.Outcome], Carrier: "carrier", TrackingNumber: answer.Reference, Reason: answer.Reason,
	}
}

// Collection answers how a participant's pick-up of a return stands.
func Collection(participant *testkit.Actor[app.Store], returnID uuid.UUID) (status string) {
	participant.Read(func(store app.Store) {
		p, _ := store.Pickup(context.Background(), pickup.ReturnID{UUID: returnID})
		status = string(p.Status)
	})
	return status
}
