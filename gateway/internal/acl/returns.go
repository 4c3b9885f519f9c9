package acl

import (
	"context"

	"quadrille.dev/gateway/internal/graph/model"
	orderingv1 "quadrille.dev/schema/rpc/ordering/v1"
	problemv1 "quadrille.dev/schema/rpc/problem/v1"
)

// Returns are returns by id. Those that do not exist are missing; Forbidden are those that exist and belong to somebody else.
type Returns struct {
	Found     map[string]*model.Return
	Forbidden map[string]bool
}

// Returns answers returns by id.
func (o *Ordering) Returns(ctx context.Context, ids []string) (Returns, error) {
	returns := Returns{Found: map[string]*model.Return{}, Forbidden: map[string]bool{}}
	all, err := inParts(ids, atOnce, func(part []string) ([]*model.Return, error) {
		answer, err := o.rpc.GetReturns(ctx, &orderingv1.GetReturnsRequest{Ids: part})
		for _, id := range answer.GetForbiddenIds() {
			returns.Forbidden[id] = true
		}
		return goingBack(answer.GetReturns()), failure(ctx, "ordering", err)
	})
	for _, one := range model.GatherReturns(all) {
		returns.Found[one.Key] = one
	}
	return returns, err
}

// ReturnsOf answers the returns of orders, by order; an order without any has an empty list.
func (o *Ordering) ReturnsOf(ctx context.Context, orders []string) (map[string][]*model.Return, error) {
	all, err := inParts(orders, atOnce, func(part []string) ([]*model.Return, error) {
		answer, err := o.rpc.ListReturns(ctx, &orderingv1.ListReturnsRequest{OrderIds: part})
		return goingBack(answer.GetReturns()), failure(ctx, "ordering", err)
	})
	if err != nil {
		return nil, err
	}
	found := make(map[string][]*model.Return, len(orders))
	for _, order := range orders {
		found[order] = []*model.Return{}
	}
	for _, one := range model.GatherReturns(all) {
		found[one.OrderKey] = append(found[one.OrderKey], one)
	}
	return found, nil
}

// RequestReturn sends goods of an order back.
func (o *Ordering) RequestReturn(ctx context.Context, input model.RequestReturnInput) (*model.RequestReturnPayload, error) {
	order, wrong := key(model.KindOrder, input.OrderID, "orderId")
	if wrong != nil {
		return &model.RequestReturnPayload{UserErrors: wrong}, nil
	}
	answer, err := o.rpc.RequestReturn(ctx, &orderingv1.RequestReturnRequest{
		OrderId: order, Lines: wanted(input.Lines), Reason: input.Reason, IdempotencyKey: input.IdempotencyKey,
	})
	if err != nil {
		return nil, failure(ctx, "ordering", err)
	}
	refused, err := refusals("ordering", answer.GetUserErrors())
	return &model.RequestReturnPayload{Return: lone(answer.GetReturn()), Replayed: answer.GetReplayed(), UserErrors: refused}, err
}

// RetryReturn has it tried again what cannot be undone.
func (o *Ordering) RetryReturn(ctx context.Context, input model.RetryReturnInput) (*model.RetryReturnPayload, error) {
	return seeTo(ctx, input.ReturnID, func(id string) (seenTo, error) {
		return o.rpc.RetryReturn(ctx, &orderingv1.RetryReturnRequest{ReturnId: id})
	})
}

// ResolveReturn states that what could not be undone is undone.
func (o *Ordering) ResolveReturn(ctx context.Context, input model.ResolveReturnInput) (*model.ResolveReturnPayload, error) {
	payload, err := seeTo(ctx, input.ReturnID, func(id string) (seenTo, error) {
		return o.rpc.ResolveReturn(ctx, &orderingv1.ResolveReturnRequest{ReturnId: id, Reason: input.Reason})
	})
	return (*model.ResolveReturnPayload)(payload), err
}

// seenTo is how ordering answers an operator who sees to a return.
type seenTo interface {
	GetReturn() *orderingv1.Return
	GetUserErrors() []*problemv1.UserError
}

func seeTo(ctx context.Context, of string, ask func(id string) (seenTo, error)) (*model.RetryReturnPayload, error) {
	id, wrong := key(model.KindReturn, of, "returnId")
	if wrong != nil {
		return &model.RetryReturnPayload{UserErrors: wrong}, nil
	}
	answer, err := ask(id)
	if err != nil {
		return nil, failure(ctx, "ordering", err)
	}
	refused, err := refusals("ordering", answer.GetUserErrors())
	return &model.RetryReturnPayload{Return: lone(answer.GetReturn()), UserErrors: refused}, err
}

func lone(r *orderingv1.Return) *model.Return {
	if r == nil {
		return nil
	}
	return model.GatherReturns(goingBack([]*orderingv1.Return{r}))[0]
}

func goingBack(returns []*orderingv1.Return) []*model.Return {
	all := make([]*model.Return, len(returns))
	for i, r := range returns {
		all[i] = &model.Return{
			ID:          model.GlobalID(model.KindReturn, r.GetId()),
			Key:         r.GetId(),
			OrderKey:    r.GetOrderId(),
			CustomerKey: r.GetCustomerId(),
			Refund:      amount(r.GetRefund()),
			Reason:      optional(r.GetReason()),
			State:       model.ReturnState(r.GetState()),
			RequestedAt: r.GetRequestedAt().AsTime(),
			EndedAt:     moment(r.GetEndedAt()),
			Failure:     optional(r.GetFailure()),
			Lines:       make([]*model.ReturnLine, len(r.GetLines())),
			Steps:       make([]*model.ReturnStep, len(r.GetSteps())),
		}
		for n, line := range r.GetLines() {
			all[i].Lines[n] = &model.ReturnLine{SKU: line.GetSku(), Quantity: line.GetQuantity()}
		}
		for n, step := range r.GetSteps() {
			all[i].Steps[n] = &model.ReturnStep{
				Context: step.GetContext(), Name: step.GetName(), State: model.SagaStepState(step.GetState()),
				StartedAt: moment(step.GetStartedAt()), FinishedAt: moment(step.GetFinishedAt()),
				Attempts: step.GetAttempts(), Reference: optional(step.GetReference()),
			}
		}
	}
	return all
}
