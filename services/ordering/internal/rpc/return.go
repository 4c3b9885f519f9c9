package rpc

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"quadrille.dev/platform/serve"
	orderingv1 "quadrille.dev/schema/rpc/ordering/v1"
	"quadrille.dev/services/ordering/internal/app"
	"quadrille.dev/services/ordering/internal/order"
	"quadrille.dev/services/ordering/internal/problem"
	"quadrille.dev/services/ordering/internal/quote"
	"quadrille.dev/services/ordering/internal/returns"
)

// returning is what RequestReturn was asked, read and checked. Its JSON is the same for the same return asked for again.
type returning struct {
	Key    uuid.UUID `json:"-"`
	Order  uuid.UUID
	Lines  []quote.Line
	Reason string
}

// RequestReturn begins a return of goods of a fulfilled order.
func (h *Handler) RequestReturn(ctx context.Context, req *orderingv1.RequestReturnRequest) (*orderingv1.RequestReturnResponse, error) {
	caller, err := person(ctx)
	if err != nil {
		return nil, err
	}
	asked, problems := readReturning(req)
	if len(problems) > 0 {
		return &orderingv1.RequestReturnResponse{UserErrors: userErrors(problems)}, nil
	}
	answer, err := h.returnGoods(ctx, caller, asked)
	if problems := cannotReturn(caller, asked, err); len(problems) > 0 {
		return &orderingv1.RequestReturnResponse{UserErrors: userErrors(problems)}, nil
	}
	if err != nil {
		return nil, err
	}
	return &orderingv1.RequestReturnResponse{Return: wireReturn(answer.Return), Replayed: answer.Replayed}, nil
}

func readReturning(req *orderingv1.RequestReturnRequest) (returning, []problem.Problem) {
	var in input
	asked := returning{
		Key:    in.id(req.IdempotencyKey, "idempotencyKey"),
		Order:  in.id(req.OrderId, "orderId"),
		Lines:  in.lines(req.Lines),
		Reason: in.optional(req.Reason, maxReason, "reason"),
	}
	return asked, in.problems
}

func (h *Handler) returnGoods(ctx context.Context, caller serve.Caller, asked returning) (app.Accepted, error) {
	request, err := request(caller, "requestReturn", asked.Key, asked)
	if err != nil {
		return app.Accepted{}, err
	}
	id, err := h.NewID()
	if err != nil {
		return app.Accepted{}, fmt.Errorf("make return id: %w", err)
	}
	wanted := app.Returning{
		Request: request, ID: returns.ID{UUID: id}, Order: order.ID{UUID: asked.Order}, Customer: customerOf(caller.ID),
		Ask: returns.Ask{Reason: asked.Reason},
	}
	if caller.IsOperator() {
		wanted.Customer = order.CustomerID{}
	}
	for _, line := range asked.Lines {
		wanted.Ask.Lines = append(wanted.Ask.Lines, returns.Line{SKU: line.SKU, Quantity: line.Quantity})
	}
	at := h.now()
	accept := func(store app.Store) (app.Accepted, error) { return app.RequestReturn(ctx, store, h.Pace, wanted, at) }
	return carryOut(ctx, h, caller.IsOperator(), accept, func(a app.Accepted) deed {
		return deed{"return.requested", "Requested a return of order " + a.Return.OrderNumber + ".", a.Return.ID.UUID}
	})
}

// cannotReturn is what the caller is told of a return that cannot be.
func cannotReturn(caller serve.Caller, asked returning, err error) []problem.Problem {
	if refused, is := refusal(caller, asked.Key.String(), err); is {
		return []problem.Problem{refused}
	}
	if errors.Is(err, returns.ErrNotFulfilled) {
		return []problem.Problem{problem.At(problem.NotFulfilled, "The order is not fulfilled.", "orderId")}
	}
	var tooMany *returns.TooManyError
	if !errors.As(err, &tooMany) {
		return nil
	}
	var problems []problem.Problem
	for _, line := range tooMany.Lines {
		i := asked.Lines[slices.IndexFunc(asked.Lines, func(l quote.Line) bool { return l.SKU == line.SKU })].Index
		if line.Bought == 0 {
			problems = append(problems, problem.NotInOrder(i, line.SKU))
		} else {
			problems = append(problems, problem.Exceeds(i, line.SKU, line.Left))
		}
	}
	return problems
}
