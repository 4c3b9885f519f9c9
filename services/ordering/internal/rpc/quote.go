package rpc

import (
	"context"
	"errors"
	"fmt"

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
	caller := serve.CallerFrom(ctx)
	customer := in.customer(caller, req.OnBehalfOf)
	basket := in.basket(req.Lines, req.PromotionCodes)
	if len(in.problems) > 0 {
		return &orderingv1.QuoteResponse{UserErrors: userErrors(in.problems)}, nil
	}
	priced, problems, err := h.quote(ctx, caller, customer, basket)
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

func (h *Handler) quote(ctx context.Context, caller serve.Caller, customer order.CustomerID, basket quote.Basket) (
	quote.Quote, []problem.Problem, error,
) {
	known, err := h.Books.Known(ctx, customer, basket.SKUs())
	if err != nil {
		return quote.Quote{}, nil, fmt.Errorf("look up what is known: %w", err)
	}
	return h.quoteBy(ctx, caller, known, customer, basket)
}

// quoteBy is the same for Quote and PlaceOrder. Callers who order for themselves exist, as their token says.
func (h *Handler) quoteBy(ctx context.Context, caller serve.Caller, known app.Known, customer order.CustomerID, basket quote.Basket) (
	quote.Quote, []problem.Problem, error,
) {
	if customer != customerOf(caller.ID) && h.Quoter.Missing(ctx, known, customer) {
		return quote.Quote{}, noCustomer, nil
	}
	priced, problems, err := h.Quoter.Quote(ctx, known, customer, basket, h.now())
	switch {
	case errors.Is(err, app.ErrErased):
		return quote.Quote{}, noCustomer, nil
	case err != nil:
		return quote.Quote{}, nil, err
	}
	return priced, problems, nil
}

var noCustomer = []problem.Problem{problem.At(problem.NotFound, "There is no such customer.", "onBehalfOf")}
