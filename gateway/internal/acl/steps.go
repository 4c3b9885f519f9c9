package acl

import (
	"context"

	"quadrille.dev/gateway/internal/graph/model"
	"quadrille.dev/schema"
	billingv1 "quadrille.dev/schema/rpc/billing/v1"
	fulfillmentv1 "quadrille.dev/schema/rpc/fulfillment/v1"
	problemv1 "quadrille.dev/schema/rpc/problem/v1"
)

// RetryStep has a stalled step asked for again, by the context whose step it is.
func (c *Contexts) RetryStep(ctx context.Context, input model.RetryStepInput) (*model.RetryStepPayload, error) {
	order, wrong := key(model.KindOrder, input.OrderID, "orderId")
	if wrong != nil {
		return &model.RetryStepPayload{UserErrors: wrong}, nil
	}
	refused, err := ofOwner(ctx, input.Step, map[string]attempt{
		"billing": func() ([]*problemv1.UserError, error) {
			answer, err := c.Billing.rpc.RetryStep(ctx, &billingv1.RetryStepRequest{OrderId: order, Step: input.Step})
			return answer.GetUserErrors(), err
		},
		"fulfillment": func() ([]*problemv1.UserError, error) {
			answer, err := c.Fulfillment.rpc.RetryStep(ctx, &fulfillmentv1.RetryStepRequest{OrderId: order, Step: input.Step})
			return answer.GetUserErrors(), err
		},
	})
	if err != nil || len(refused) > 0 {
		return &model.RetryStepPayload{UserErrors: refused}, err
	}
	return &model.RetryStepPayload{Key: order, UserErrors: refused}, nil
}

// ResolveStep states how a stalled step has ended, to the context whose step it is.
func (c *Contexts) ResolveStep(ctx context.Context, input model.ResolveStepInput) (*model.ResolveStepPayload, error) {
	order, wrong := key(model.KindOrder, input.OrderID, "orderId")
	if wrong != nil {
		return &model.ResolveStepPayload{UserErrors: wrong}, nil
	}
	refused, err := ofOwner(ctx, input.Step, map[string]attempt{
		"billing": func() ([]*problemv1.UserError, error) {
			answer, err := c.Billing.rpc.ResolveStep(ctx, &billingv1.ResolveStepRequest{
				OrderId: order, Step: input.Step, Outcome: string(input.Outcome), Reference: given(input.Reference), Reason: input.Reason,
			})
			return answer.GetUserErrors(), err
		},
		"fulfillment": func() ([]*problemv1.UserError, error) {
			answer, err := c.Fulfillment.rpc.ResolveStep(ctx, &fulfillmentv1.ResolveStepRequest{
				OrderId: order, Step: input.Step, Outcome: string(input.Outcome), Reference: given(input.Reference), Reason: input.Reason,
				Carrier: given(input.Carrier),
			})
			return answer.GetUserErrors(), err
		},
	})
	if err != nil || len(refused) > 0 {
		return &model.ResolveStepPayload{UserErrors: refused}, err
	}
	return &model.ResolveStepPayload{Key: order, UserErrors: refused}, nil
}

// attempt asks one context for something.
type attempt func() ([]*problemv1.UserError, error)

// ofOwner asks the context whose step it is, among those whose steps can stall.
func ofOwner(ctx context.Context, step string, ask map[string]attempt) ([]model.UserError, error) {
	owner := ownerOf(step)
	attempt := ask[owner]
	if attempt == nil {
		return refuse(model.UserErrorCodeNotStalled, "No step of this name has stalled.", "step"), nil
	}
	problems, err := attempt()
	if err != nil {
		return nil, failure(ctx, owner, err)
	}
	return refusals(owner, problems)
}

// ownerOf is the context whose step it is, as the facts of the process declare it; empty when there is no such step.
func ownerOf(step string) string {
	for _, fact := range schema.Events() {
		if fact.Saga != nil && fact.Saga.Step != nil && fact.Saga.Step.Name == step {
			return fact.Owner
		}
	}
	return ""
}
