package rpc

import (
	"context"
	"errors"

	orderingv1 "quadrille.dev/schema/rpc/ordering/v1"
	"quadrille.dev/services/ordering/internal/app"
	"quadrille.dev/services/ordering/internal/order"
	"quadrille.dev/services/ordering/internal/problem"
	"quadrille.dev/services/ordering/internal/quote"

	"quadrille.dev/platform/serve"
)

// Quote prices lines and stores nothing.
func (h *Handler) Quote(ctx context.Context, req *orderingv1.QuoteRequest) (*orderingv1.QuoteResponse, error) {
	var in input
	customer := in.customer(serve.CallerFrom(ctx), req.OnBehalfOf)
	basket := in.basket(req.Lines, req.PromotionCodes)
	if len(in.problems) > 0 {
		return &orderingv1.QuoteResponse{UserErrors: userErrors(in.problems)}, nil
	}
	priced, problems, err := h.quote(ctx, customer, basket)
	if err != nil {
		return nil, err
	}
	if len(problems) > 0 {
		return &orderingv1.QuoteResponse{UserErrors: userErrors(problems)}, nil
	}
	return &orderingv1.QuoteResponse{
		Lines:      lines(priced.Lines),
		Discount:   amount(priced.Discount),
		Total:      amount(priced.Total),
		PricedFrom: pricedFrom(priced.PricedFrom),
	}, nil
}

// quote is the same for Quote and PlaceOrder.
func (h *Handler) quote(ctx context.Context, customer order.CustomerID, basket quote.Basket) (quote.Quote, []problem.Problem, error) {
	priced, problems, err := h.Quoter.Quote(ctx, customer, basket, h.now())
	switch {
	case errors.Is(err, app.ErrErased):
		return quote.Quote{}, []problem.Problem{problem.At(problem.NotFound, "There is no such customer.", "onBehalfOf")}, nil
	case err != nil:
		return quote.Quote{}, nil, err
	}
	return priced, problems, nil
}
