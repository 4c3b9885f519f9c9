package rpc

import (
	"context"
	"errors"

	"github.com/google/uuid"

	"quadrille.dev/platform/serve"
	orderingv1 "quadrille.dev/schema/rpc/ordering/v1"
	"quadrille.dev/services/ordering/internal/app"
	"quadrille.dev/services/ordering/internal/order"
	"quadrille.dev/services/ordering/internal/problem"
)

// CancelOrder cancels an order that is not fulfilled.
func (h *Handler) CancelOrder(ctx context.Context, req *orderingv1.CancelOrderRequest) (*orderingv1.CancelOrderResponse, error) {
	caller, err := person(ctx)
	if err != nil {
		return nil, err
	}
	asked, problems, err := readCancelling(caller, req)
	if err != nil {
		return nil, err
	}
	if len(problems) > 0 {
		return &orderingv1.CancelOrderResponse{UserErrors: userErrors(problems)}, nil
	}
	cancel := func(store app.Store) (app.Answer, error) { return app.Cancel(ctx, store, asked, h.now()) }
	answer, err := carryOut(ctx, h, asked.By == order.ByOperator, cancel, func(a app.Answer) deed {
		return deed{"order.cancelled", "Cancelled order " + a.Order.Number + ".", a.Order.ID.UUID}
	})
	if refused, is := refusal(caller, req.IdempotencyKey, err); is {
		return &orderingv1.CancelOrderResponse{UserErrors: userErrors([]problem.Problem{refused})}, nil
	}
	if err != nil {
		return nil, err
	}
	return &orderingv1.CancelOrderResponse{Order: wire(answer.Order), Replayed: answer.Replayed}, nil
}

func readCancelling(caller serve.Caller, req *orderingv1.CancelOrderRequest) (app.Cancelling, []problem.Problem, error) {
	var in input
	key := in.id(req.IdempotencyKey, "idempotencyKey")
	asked := app.Cancelling{
		ID:       order.ID{UUID: in.id(req.OrderId, "orderId")},
		By:       order.ByCustomer,
		Customer: customerOf(caller.ID),
		Reason:   in.optional(req.Reason, maxReason, "reason"),
	}
	if caller.IsOperator() {
		asked.By = order.ByOperator
	}
	var err error
	asked.Request, err = request(caller, "cancelOrder", key, struct {
		Order  uuid.UUID
		Reason string
	}{asked.ID.UUID, asked.Reason})
	return asked, in.problems, err
}

// refusal is what the caller is told of an order. Customers cannot tell somebody else's order from one that does not exist.
func refusal(caller serve.Caller, key string, err error) (problem.Problem, bool) {
	switch {
	case errors.Is(err, app.ErrForbidden), errors.Is(err, app.ErrNoOrder) && !caller.IsOperator():
		return problem.At(problem.Forbidden, "This is not an order of yours.", "orderId"), true
	case errors.Is(err, app.ErrNoOrder):
		return problem.At(problem.NotFound, "There is no such order.", "orderId"), true
	case errors.Is(err, order.ErrFulfilled):
		return problem.At(problem.AlreadyFulfilled, "The order is already fulfilled.", "orderId"), true
	case errors.Is(err, app.ErrConflict):
		return problem.Conflict(key), true
	}
	return problem.Problem{}, false
}
