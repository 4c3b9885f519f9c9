package rpc_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"connectrpc.com/connect"
	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"quadrille.dev/platform/audit"
	"quadrille.dev/platform/serve"
	"quadrille.dev/platform/testkit"
	fulfillmentv1 "quadrille.dev/schema/rpc/fulfillment/v1"
	problemv1 "quadrille.dev/schema/rpc/problem/v1"
	"quadrille.dev/services/fulfillment/internal/acl"
	"quadrille.dev/services/fulfillment/internal/app"
	"quadrille.dev/services/fulfillment/internal/memory"
	"quadrille.dev/services/fulfillment/internal/rpc"
	"quadrille.dev/services/fulfillment/internal/shipment"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// desk is where operators act, in memory.
type desk struct {
	memory  testkit.Memory[app.Store]
	audited []audit.Entry
}

func (d *desk) Act(_ context.Context, entry audit.Entry, do func(app.Store) (bool, error)) error {
	next := d.memory.Clone()
	changed, err := do(next.Store())
	if err == nil && changed {
		d.memory, d.audited = next, append(d.audited, entry)
	}
	return err
}

// stalled is a desk at which the booking of an order has stalled, and the service.
func stalled(t *testing.T) (*desk, rpc.Shipments) {
	t.Helper()
	d := &desk{memory: memory.New(acl.Language())}
	store, order := d.memory.Store(), shipment.Order{ID: shipment.OrderID{UUID: orderID}, Customer: shipment.CustomerID{UUID: ada}}
	patience := shipment.Patience{First: time.Second, Longest: time.Second, Tries: 1}
	opened := app.Open(t.Context(), store, order, noon)
	intended := app.Book(t.Context(), store, order.ID, noon)
	calls, err := app.Take(t.Context(), store, app.First, noon, 1)
	if err := errors.Join(opened, intended, err); err != nil || len(calls) != 1 {
		t.Fatal(calls, err)
	}
	if err := app.Hear(t.Context(), store, calls[0], app.Answer{}, patience, noon); err != nil {
		t.Fatal(err)
	}
	d.memory.Published()
	return d, rpc.Shipments{Desk: d, Now: func() time.Time { return noon }}
}

var olga = serve.Caller{ID: grace, Roles: []string{serve.Operator}, Email: "olga@quadrille.test"}

func as(caller serve.Caller) context.Context { return serve.WithCaller(context.Background(), caller) }

func (d *desk) told() (told []string) {
	for _, entry := range d.audited {
		told = append(told, strings.Join([]string{entry.Actor, entry.Action, entry.Target, entry.Detail, entry.Order}, " "))
	}
	return told
}

func (d *desk) said() (said []string) {
	for _, fact := range d.memory.Published() {
		said = append(said, fact.Name())
	}
	return said
}

func codes(wrong []*problemv1.UserError) (codes []string) {
	for _, one := range wrong {
		codes = append(codes, one.GetCode()+" "+strings.Join(one.GetPath(), "."))
	}
	return codes
}

func TestRetryStep(t *testing.T) {
	d, service := stalled(t)
	for range 2 {
		response, err := service.RetryStep(as(olga), &fulfillmentv1.RetryStepRequest{OrderId: orderID.String(), Step: "arrange"})
		if err != nil || len(response.GetUserErrors()) > 0 {
			t.Fatal(response.GetUserErrors(), err)
		}
	}
	want := []string{"olga@quadrille.test step.retried " + orderID.String() + " Retried the step arrange. " + orderID.String()}
	if diff := cmp.Diff(want, d.told()); diff != "" {
		t.Errorf("audited:\n%s", diff)
	}
	if calls, err := app.Take(t.Context(), d.memory.Store(), app.Again, noon, 1); err != nil || len(calls) != 1 {
		t.Errorf("not to be made at once: %v, %v", calls, err)
	}
}

func TestResolveStep(t *testing.T) {
	d, service := stalled(t)
	for range 2 {
		response, err := service.ResolveStep(as(olga), &fulfillmentv1.ResolveStepRequest{
			OrderId: orderID.String(), Step: "arrange", Outcome: "DONE", Reference: "ref_1", Carrier: "By hand", Reason: "They said so on the phone.",
		})
		if err != nil || len(response.GetUserErrors()) > 0 {
			t.Fatal(response.GetUserErrors(), err)
		}
	}
	want := []string{"olga@quadrille.test step.resolved " + orderID.String() +
		" Resolved the step arrange as DONE, reference ref_1: They said so on the phone. " + orderID.String()}
	if diff := cmp.Diff(want, d.told()); diff != "" {
		t.Errorf("audited:\n%s", diff)
	}
	if diff := cmp.Diff([]string{"fulfillment.shipment.arranged"}, d.said()); diff != "" {
		t.Errorf("said:\n%s", diff)
	}
}

func TestWhatOperatorsSayWrong(t *testing.T) {
	for name, test := range map[string]struct {
		request *fulfillmentv1.ResolveStepRequest
		want    []string
	}{
		"an unknown order":   {&fulfillmentv1.ResolveStepRequest{OrderId: uuid.NewString()}, []string{"NOT_FOUND orderId"}},
		"another step":       {&fulfillmentv1.ResolveStepRequest{Step: "dispatch"}, []string{"NOT_STALLED step"}},
		"another outcome":    {&fulfillmentv1.ResolveStepRequest{Outcome: "UNDONE"}, []string{"WRONG_OUTCOME outcome"}},
		"no outcome":         {&fulfillmentv1.ResolveStepRequest{Outcome: "SPLENDID"}, []string{"WRONG_OUTCOME outcome"}},
		"no reference":       {&fulfillmentv1.ResolveStepRequest{Reference: " "}, []string{"REQUIRED reference"}},
		"no text":            {&fulfillmentv1.ResolveStepRequest{Reference: "a\x00"}, []string{"MALFORMED reference"}},
		"a long reference":   {&fulfillmentv1.ResolveStepRequest{Reference: strings.Repeat("é", 201)}, []string{"OUT_OF_RANGE reference"}},
		"no reason":          {&fulfillmentv1.ResolveStepRequest{Reason: " "}, []string{"REQUIRED reason"}},
		"a long reason":      {&fulfillmentv1.ResolveStepRequest{Reason: strings.Repeat("é", 501)}, []string{"OUT_OF_RANGE reason"}},
		"as long as allowed": {&fulfillmentv1.ResolveStepRequest{Reference: strings.Repeat("é", 200), Reason: strings.Repeat("é", 500)}, nil},
		"no carrier":         {&fulfillmentv1.ResolveStepRequest{Carrier: " "}, []string{"REQUIRED carrier"}},
	} {
		t.Run(name, func(t *testing.T) {
			d, service := stalled(t)
			r := test.request
			for _, field := range []struct {
				is      *string
				usually string
			}{{&r.OrderId, orderID.String()}, {&r.Step, "arrange"}, {&r.Outcome, "DONE"}, {&r.Reference, "ref"}, {&r.Reason, "Why."}, {&r.Carrier, "By hand"}} {
				if *field.is == "" {
					*field.is = field.usually
				}
			}
			response, err := service.ResolveStep(as(olga), r)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, codes(response.GetUserErrors())); diff != "" {
				t.Error(diff)
			}
			if changed := len(d.said())+len(d.audited) > 0; changed != (test.want == nil) {
				t.Errorf("changed: %t, audited %v", changed, d.told())
			}
		})
	}
	d, service := stalled(t)
	for name, test := range map[string]struct{ order, step, want string }{
		"an unknown order": {uuid.NewString(), "arrange", "NOT_FOUND orderId"}, "another step": {orderID.String(), "dispatch", "NOT_STALLED step"},
	} {
		response, err := service.RetryStep(as(olga), &fulfillmentv1.RetryStepRequest{OrderId: test.order, Step: test.step})
		if got := codes(response.GetUserErrors()); err != nil || !slices.Equal(got, []string{test.want}) || len(d.audited) > 0 {
			t.Errorf("retry of %s: %v, %v", name, got, err)
		}
	}
}

func TestOnlyOperatorsActOnSteps(t *testing.T) {
	d, service := stalled(t)
	for _, caller := range []serve.Caller{{}, {ID: ada, Roles: []string{serve.Customer}}, {Service: "gateway"}} {
		_, retried := service.RetryStep(as(caller), &fulfillmentv1.RetryStepRequest{OrderId: orderID.String(), Step: "arrange"})
		_, resolved := service.ResolveStep(as(caller), &fulfillmentv1.ResolveStepRequest{OrderId: orderID.String(), Step: "arrange"})
		if connect.CodeOf(retried) != connect.CodePermissionDenied || connect.CodeOf(resolved) != connect.CodePermissionDenied {
			t.Errorf("%+v: %v, %v", caller, retried, resolved)
		}
	}
	_, err := service.RetryStep(as(olga), &fulfillmentv1.RetryStepRequest{OrderId: "x"})
	if connect.CodeOf(err) != connect.CodeInvalidArgument || len(d.audited) > 0 {
		t.Errorf("no id: %v", err)
	}
}
