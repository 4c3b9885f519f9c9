package rpc

import (
	"context"
	"errors"
	"fmt"

	"connectrpc.com/connect"
	"github.com/google/uuid"

	"quadrille.dev/platform/serve"
	orderingv1 "quadrille.dev/schema/rpc/ordering/v1"
	"quadrille.dev/services/ordering/internal/app"
	"quadrille.dev/services/ordering/internal/problem"
	"quadrille.dev/services/ordering/internal/returns"
)

// RetryReturn has it tried again what cannot be undone.
func (h *Handler) RetryReturn(ctx context.Context, req *orderingv1.RetryReturnRequest) (*orderingv1.RetryReturnResponse, error) {
	var in input
	id := returns.ID{UUID: in.id(req.ReturnId, "returnId")}
	wired, problems, err := h.operate(ctx, in.problems, func(store app.Store) (returns.Return, error) {
		return app.RetryReturn(ctx, store, h.Pace, id, h.now())
	}, func(r returns.Return) deed {
		return deed{"return.retried", fmt.Sprintf("Retried the return of order %s.", r.OrderNumber), r.ID.UUID}
	})
	return &orderingv1.RetryReturnResponse{Return: wired, UserErrors: userErrors(problems)}, err
}

// ResolveReturn takes what cannot be undone for undone.
func (h *Handler) ResolveReturn(ctx context.Context, req *orderingv1.ResolveReturnRequest) (*orderingv1.ResolveReturnResponse, error) {
	var in input
	id := returns.ID{UUID: in.id(req.ReturnId, "returnId")}
	reason := in.text(req.Reason, maxReason, "reason")
	wired, problems, err := h.operate(ctx, in.problems, func(store app.Store) (returns.Return, error) {
		return app.ResolveReturn(ctx, store, h.Pace, id, h.now())
	}, func(r returns.Return) deed {
		return deed{"return.resolved", fmt.Sprintf("Resolved the return of order %s: %s", r.OrderNumber, reason), r.ID.UUID}
	})
	return &orderingv1.ResolveReturnResponse{Return: wired, UserErrors: userErrors(problems)}, err
}

// operate does what an operator wants, audited, unless there are problems with it.
func (h *Handler) operate(
	ctx context.Context, problems []problem.Problem, do func(app.Store) (returns.Return, error), told func(returns.Return) deed,
) (*orderingv1.Return, []problem.Problem, error) {
	if caller := serve.CallerFrom(ctx); caller.ID == uuid.Nil || !caller.IsOperator() {
		return nil, nil, connect.NewError(connect.CodePermissionDenied, errors.New("operators only"))
	}
	if len(problems) > 0 {
		return nil, problems, nil
	}
	r, err := carryOut(ctx, h, true, do, told)
	switch {
	case errors.Is(err, app.ErrNoReturn):
		return nil, []problem.Problem{problem.At(problem.NotFound, "There is no such return.", "returnId")}, nil
	case errors.Is(err, returns.ErrNotStalled):
		return nil, []problem.Problem{problem.At(problem.NotStalled, "The return does not need an operator.", "returnId")}, nil
	case err != nil:
		return nil, nil, err
	}
	return wireReturn(r), nil, nil
}
