package graph

import (
	"context"

	"quadrille.dev/gateway/internal/graph/model"
)

func (r mutation) RetryStep(ctx context.Context, input model.RetryStepInput) (*model.RetryStepPayload, error) {
	return r.Contexts.RetryStep(ctx, input)
}

func (r mutation) ResolveStep(ctx context.Context, input model.ResolveStepInput) (*model.ResolveStepPayload, error) {
	return r.Contexts.ResolveStep(ctx, input)
}

type (
	retryStepPayload   struct{ *Resolver }
	resolveStepPayload struct{ *Resolver }
)

func (r retryStepPayload) Order(ctx context.Context, payload *model.RetryStepPayload) (*model.Order, error) {
	return r.changedOrder(ctx, payload.Key)
}

func (r resolveStepPayload) Order(ctx context.Context, payload *model.ResolveStepPayload) (*model.Order, error) {
	return r.changedOrder(ctx, payload.Key)
}

// changedOrder is the order that an operator has changed; nil when that was refused.
func (r *Resolver) changedOrder(ctx context.Context, key string) (*model.Order, error) {
	if key == "" {
		return nil, nil
	}
	return r.order(ctx, key)
}
