package rpc

import (
	"context"

	"github.com/google/uuid"
	"google.golang.org/protobuf/types/known/timestamppb"

	"quadrille.dev/platform/serve"
	orderingv1 "quadrille.dev/schema/rpc/ordering/v1"
	"quadrille.dev/services/ordering/internal/order"
	"quadrille.dev/services/ordering/internal/returns"
)

// GetReturns answers the returns that the caller may see, each once.
func (h *Handler) GetReturns(ctx context.Context, req *orderingv1.GetReturnsRequest) (*orderingv1.GetReturnsResponse, error) {
	if len(req.Ids) > maxIDs {
		return nil, invalid("%d ids, at most %d", len(req.Ids), maxIDs)
	}
	found, err := h.Books.Returns(ctx, distinct(req.Ids, func(id uuid.UUID) returns.ID { return returns.ID{UUID: id} }))
	if err != nil {
		return nil, err
	}
	caller := serve.CallerFrom(ctx)
	answer := &orderingv1.GetReturnsResponse{}
	for _, r := range found {
		if caller.MaySee(r.CustomerID.UUID) {
			answer.Returns = append(answer.Returns, wireReturn(r))
		} else {
			answer.ForbiddenIds = append(answer.ForbiddenIds, r.ID.String())
		}
	}
	return answer, nil
}

// ListReturns answers the returns of orders that the caller may see.
func (h *Handler) ListReturns(ctx context.Context, req *orderingv1.ListReturnsRequest) (*orderingv1.ListReturnsResponse, error) {
	if len(req.OrderIds) > maxIDs {
		return nil, invalid("%d order_ids, at most %d", len(req.OrderIds), maxIDs)
	}
	found, err := h.Books.ReturnsOf(ctx, distinct(req.OrderIds, func(id uuid.UUID) order.ID { return order.ID{UUID: id} }))
	if err != nil {
		return nil, err
	}
	caller := serve.CallerFrom(ctx)
	answer := &orderingv1.ListReturnsResponse{}
	for _, r := range found {
		if caller.MaySee(r.CustomerID.UUID) {
			answer.Returns = append(answer.Returns, wireReturn(r))
		}
	}
	return answer, nil
}

func wireReturn(r returns.Return) *orderingv1.Return {
	wired := &orderingv1.Return{
		Id:          r.ID.String(),
		OrderId:     r.OrderID.String(),
		CustomerId:  r.CustomerID.String(),
		State:       string(r.State),
		Refund:      amount(r.Refund),
		Reason:      r.Reason,
		RequestedAt: timestamppb.New(r.RequestedAt),
		EndedAt:     moment(r.EndedAt),
		Failure:     r.Failure,
	}
	for _, line := range r.Lines {
		wired.Lines = append(wired.Lines, &orderingv1.ReturnLine{Sku: line.SKU, Quantity: line.Quantity})
	}
	for i, p := range r.Steps {
		wired.Steps = append(wired.Steps, &orderingv1.ReturnStep{
			Context: returns.Steps[i].Context, Name: string(returns.Steps[i].Name), State: string(p.Phase),
			StartedAt: moment(p.StartedAt), FinishedAt: moment(p.FinishedAt), Attempts: int32(p.Attempts), Reference: p.Reference,
		})
	}
	return wired
}
