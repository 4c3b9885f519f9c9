package gateway

import (
	"context"
	"maps"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"quadrille.dev/gateway/internal/graph/model"
	billingv1 "quadrille.dev/schema/rpc/billing/v1"
	fulfillmentv1 "quadrille.dev/schema/rpc/fulfillment/v1"
	problemv1 "quadrille.dev/schema/rpc/problem/v1"
)

// moving is an order no step of which has stalled.
var moving = id(3, 7)

func steady(order string) []*problemv1.UserError {
	if order != moving {
		return nil
	}
	return []*problemv1.UserError{{Code: "NOT_STALLED", Message: "No.", Path: []string{"step"}}}
}

func (*billing) RetryStep(_ context.Context, r *billingv1.RetryStepRequest) (*billingv1.RetryStepResponse, error) {
	return &billingv1.RetryStepResponse{UserErrors: steady(r.OrderId)}, nil
}

func (*fulfillment) RetryStep(_ context.Context, r *fulfillmentv1.RetryStepRequest) (*fulfillmentv1.RetryStepResponse, error) {
	return &fulfillmentv1.RetryStepResponse{UserErrors: steady(r.OrderId)}, nil
}

// ResolveStep refuses what a refund that was made by hand would not say.
func (*billing) ResolveStep(_ context.Context, r *billingv1.ResolveStepRequest) (*billingv1.ResolveStepResponse, error) {
	if r.Outcome != "UNDONE" || r.Reference != "re_1" || r.Reason != "By hand." {
		return &billingv1.ResolveStepResponse{UserErrors: []*problemv1.UserError{{Code: "WRONG_OUTCOME", Path: []string{"outcome"}}}}, nil
	}
	return &billingv1.ResolveStepResponse{UserErrors: steady(r.OrderId)}, nil
}

// ResolveStep refuses what a booking that was made by hand would not say.
func (*fulfillment) ResolveStep(
	_ context.Context, r *fulfillmentv1.ResolveStepRequest,
) (*fulfillmentv1.ResolveStepResponse, error) {
	if r.Outcome != "DONE" || r.Reference != "H1" || r.Carrier != "By hand" {
		return &fulfillmentv1.ResolveStepResponse{UserErrors: []*problemv1.UserError{{Code: "REQUIRED", Path: []string{"carrier"}}}}, nil
	}
	return &fulfillmentv1.ResolveStepResponse{UserErrors: steady(r.OrderId)}, nil
}

const (
	retryStep = `mutation ($input: RetryStepInput!) { retryStep(input: $input) { order { id number } userErrors { code path } } }`

	resolveStep = `mutation ($input: ResolveStepInput!) { resolveStep(input: $input) { order { id number } userErrors { code path } } }`
)

func TestAStepIsRetriedAndResolvedByItsOwner(t *testing.T) {
	refund := map[string]any{"outcome": "UNDONE", "reference": "re_1", "reason": "By hand."}
	booking := map[string]any{"outcome": "DONE", "reference": "H1", "carrier": "By hand", "reason": "They were called."}
	for name, test := range map[string]struct {
		step, order string
		said        map[string]any
		asked       string
		refused     []any
	}{
		"retry of charge":      {"charge", id(3, 1), nil, "billing.v1.BillingService/RetryStep", nil},
		"by its global id":     {"charge", model.GlobalID("Order", id(3, 1)), nil, "billing.v1.BillingService/RetryStep", nil},
		"retry of arrange":     {"arrange", id(3, 1), nil, "fulfillment.v1.FulfillmentService/RetryStep", nil},
		"retry of dispatch":    {"dispatch", id(3, 1), nil, "fulfillment.v1.FulfillmentService/RetryStep", nil},
		"resolving of charge":  {"charge", id(3, 1), refund, "billing.v1.BillingService/ResolveStep", nil},
		"resolving of arrange": {"arrange", id(3, 1), booking, "fulfillment.v1.FulfillmentService/ResolveStep", nil},
		"what has not stalled": {
			"charge", moving, nil, "billing.v1.BillingService/RetryStep", []any{map[string]any{"code": "NOT_STALLED", "path": []any{"step"}}},
		},
		"what cannot end so": {
			"charge", id(3, 1), booking, "billing.v1.BillingService/ResolveStep",
			[]any{map[string]any{"code": "WRONG_OUTCOME", "path": []any{"outcome"}}},
		},
		"a step that asks nobody": {
			"reserve", id(3, 1), nil, "", []any{map[string]any{"code": "NOT_STALLED", "path": []any{"step"}}},
		},
		"no step": {"hop", id(3, 1), refund, "", []any{map[string]any{"code": "NOT_STALLED", "path": []any{"step"}}}},
		"no order": {
			"charge", "rubbish", nil, "", []any{map[string]any{"code": "MALFORMED", "path": []any{"orderId"}}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			w, document, field := newWorld(t), retryStep, "retryStep"
			input := map[string]any{"orderId": test.order, "step": test.step}
			if test.said != nil {
				document, field = resolveStep, "resolveStep"
				maps.Copy(input, test.said)
			}
			got := w.ask(olga, document, map[string]any{"input": input})
			want := map[string]any{"order": map[string]any{"id": model.GlobalID("Order", id(3, 1)), "number": "Q-00000001"}, "userErrors": []any{}}
			if test.refused != nil {
				want = map[string]any{"order": nil, "userErrors": test.refused}
			}
			if diff := cmp.Diff(want, got.at(field)); diff != "" || len(got.Errors) > 0 {
				t.Errorf("%v (-want +got):\n%s", got.failures(), diff)
			}
			calls := w.called()
			delete(calls, "ordering.v1.OrderingService/GetOrders")
			asked := map[string]int{}
			if test.asked != "" {
				asked[test.asked] = 1
			}
			if diff := cmp.Diff(asked, calls); diff != "" {
				t.Errorf("calls (-want +got):\n%s", diff)
			}
		})
	}
}

func TestOnlyOperatorsActOnSteps(t *testing.T) {
	w := newWorld(t)
	retry := map[string]any{"input": map[string]any{"orderId": id(3, 1), "step": "charge"}}
	resolve := map[string]any{"input": map[string]any{"orderId": id(3, 1), "step": "charge", "outcome": "DONE", "reason": "Why."}}
	for who, want := range map[uuid.UUID]string{ada: "FORBIDDEN", uuid.Nil: "UNAUTHENTICATED"} {
		got := append(w.ask(who, retryStep, retry).failures(), w.ask(who, resolveStep, resolve).failures()...)
		if diff := cmp.Diff([]string{"retryStep: " + want, "resolveStep: " + want}, got); diff != "" {
			t.Error(diff)
		}
	}
	if calls := w.called(); len(calls) != 0 {
		t.Errorf("asked all the same: %v", calls)
	}
}
