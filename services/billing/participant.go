package billing

import (
	"context"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/google/uuid"

	"quadrille.dev/platform/testkit"
	"quadrille.dev/services/billing/internal/account"
	"quadrille.dev/services/billing/internal/acl"
	"quadrille.dev/services/billing/internal/app"
	"quadrille.dev/services/billing/internal/memory"
	"quadrille.dev/services/billing/internal/party"
	"quadrille.dev/services/billing/internal/refund"
)

// Participant is billing as an explorer drives it. Calls go to "provider": "charge" and "refund", and after a restore "findRefund", which is
// refused when there is none; and to "customers": "who".
func Participant() *testkit.Actor[app.Store] {
	return testkit.NewParticipant(testkit.Script[app.Store]{
		Name: "billing", Routes: acl.Routes(), Memory: memory.New(acl.Publisher),
		Fire: fire, Calls: waiting, Answer: answer, Describe: describe,
	})
}

// describe names how the account of an order stands.
func describe(ctx context.Context, store app.Store, order uuid.UUID) (string, error) {
	known, err := store.Account(ctx, account.OrderID{UUID: order})
	return known.Describe(), err
}

func fire(ctx context.Context, store app.Store, at time.Time) error {
	for _, lane := range []app.Lane{app.First, app.Again} {
		if _, err := app.HandOver(ctx, store, lane, at, math.MaxInt); err != nil {
			return err
		}
		if _, err := app.HandOverRefunds(ctx, store, lane, at, math.MaxInt); err != nil {
			return err
		}
	}
	_, err := app.HandOverQuestions(ctx, store, at, math.MaxInt)
	return err
}

func asked(store app.Store) []app.Call {
	var calls []app.Call
	for _, intent := range store.(*memory.Accounts).Asked() {
		calls = append(calls, app.CallOf(intent))
	}
	return calls
}

func askedForReturns(store app.Store) []app.RefundCall {
	var calls []app.RefundCall
	for _, intent := range store.(*memory.Accounts).AskedRefunds() {
		calls = append(calls, app.RefundCallOf(intent))
	}
	return calls
}

func waiting(store app.Store) []testkit.Call {
	var told []testkit.Call
	for _, call := range asked(store) {
		argument := fmt.Sprintf("%s %d %s", call.Token, call.Amount.Minor, call.Amount.Currency)
		if call.Operation == account.Refund {
			argument = fmt.Sprintf("%s %d %s", call.ChargeID, call.Amount.Minor, call.Amount.Currency)
		}
		told = append(told, testkit.Call{
			Key: call.Key(), To: "provider", Operation: string(call.Operation), Subject: call.Order.String(), Argument: argument,
		})
	}
	for _, call := range askedForReturns(store) {
		told = append(told, testkit.Call{
			Key: call.Key(), To: "provider", Operation: string(call.Operation), Subject: call.Return.String(),
			Argument: fmt.Sprintf("%s %d %s", call.ChargeID, call.Amount.Minor, call.Amount.Currency),
		})
	}
	for _, p := range wondering(store) {
		told = append(told, testkit.Call{Key: "who-" + p.Customer.String(), To: "customers", Operation: "who", Subject: p.Customer.String()})
	}
	return told
}

func wondering(store app.Store) []party.Party {
	return store.(*memory.Accounts).Wondering(func(call party.Call) bool { return call.Attempts > 0 })
}

var outcomes = map[testkit.Outcome]app.Outcome{testkit.Done: app.Done, testkit.Refused: app.Refused, testkit.Lost: app.Lost}

func answer(ctx context.Context, store app.Store, key string, answer testkit.Answer, at time.Time) error {
	for _, call := range asked(store) {
		if call.Key() == key {
			return hear(ctx, store, call, answer, at)
		}
	}
	for _, call := range askedForReturns(store) {
		if call.Key() == key {
			return hearRefund(ctx, store, call, answer, at)
		}
	}
	for _, p := range wondering(store) {
		asked := app.Question{Customer: p.Customer, Heard: p.Heard, Attempt: p.Call.Attempts}
		switch {
		case key != "who-"+p.Customer.String():
		case answer.Outcome == testkit.Done:
			return app.Learn(ctx, store, asked, party.Details{Name: answer.Reference, Email: answer.Reference}, at)
		default:
			return app.Miss(ctx, store, asked, at)
		}
	}
	return answerLate(ctx, store, key, answer, at)
}

// answerLate tells the outcome of a call to the provider that waits no more.
func answerLate(ctx context.Context, store app.Store, key string, answer testkit.Answer, at time.Time) error {
	operation, order, _ := strings.Cut(key, "-")
	id, err := uuid.Parse(order)
	if err != nil || operation == "who" {
		return err
	}
	r, err := store.Refund(ctx, refund.ReturnID{UUID: id})
	if err != nil {
		return err
	}
	if r.Status != refund.New {
		call := app.RefundCallOf(app.RefundIntent{Refund: r})
		call.Operation = refund.Give
		return hearRefund(ctx, store, call, answer, at)
	}
	a, err := store.Account(ctx, account.OrderID{UUID: id})
	if err != nil {
		return err
	}
	call := app.CallOf(app.Intent{Account: a})
	call.Operation = account.Operation(operation)
	return hear(ctx, store, call, answer, at)
}

func hear(ctx context.Context, store app.Store, call app.Call, answer testkit.Answer, at time.Time) error {
	return app.Hear(call.Origin.Continue(ctx), store, call, said(answer), Config{}.patience(), at)
}

func hearRefund(ctx context.Context, store app.Store, call app.RefundCall, answer testkit.Answer, at time.Time) error {
	return app.HearRefund(call.Origin.Continue(ctx), store, call, said(answer), Config{}.patience(), at)
}

func said(answer testkit.Answer) app.Answer {
	return app.Answer{Outcome: outcomes[answer.Outcome], Reference: answer.Reference, Reason: answer.Reason}
}
