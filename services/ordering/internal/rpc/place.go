package rpc

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"quadrille.dev/platform/serve"
	orderingv1 "quadrille.dev/schema/rpc/ordering/v1"
	"quadrille.dev/services/ordering/internal/app"
	"quadrille.dev/services/ordering/internal/order"
	"quadrille.dev/services/ordering/internal/problem"
	"quadrille.dev/services/ordering/internal/quote"
)

// placing is what PlaceOrder was asked, read and checked. Its JSON is the same for the same order asked for again.
type placing struct {
	Key      uuid.UUID `json:"-"`
	Customer order.CustomerID
	Basket   quote.Basket
	Address  order.Address
	Token    string
	Refuse   bool
}

// PlaceOrder accepts an order. Neighbours are asked before the transaction, and none of them has to answer.
func (h *Handler) PlaceOrder(ctx context.Context, req *orderingv1.PlaceOrderRequest) (*orderingv1.PlaceOrderResponse, error) {
	caller, err := person(ctx)
	if err != nil {
		return nil, err
	}
	asked, problems := readPlacing(caller, req)
	if len(problems) > 0 {
		return &orderingv1.PlaceOrderResponse{UserErrors: userErrors(problems)}, nil
	}
	answer, problems, err := h.place(ctx, caller, asked)
	switch {
	case errors.Is(err, app.ErrConflict):
		problems = []problem.Problem{problem.Conflict(req.IdempotencyKey)}
	case errors.Is(err, app.ErrErased):
		problems = noCustomer
	case err != nil:
		return nil, err
	}
	if len(problems) > 0 {
		return &orderingv1.PlaceOrderResponse{UserErrors: userErrors(problems)}, nil
	}
	return &orderingv1.PlaceOrderResponse{Order: wire(answer.Order), Replayed: answer.Replayed}, nil
}

func readPlacing(caller serve.Caller, req *orderingv1.PlaceOrderRequest) (placing, []problem.Problem) {
	var in input
	asked := placing{
		Key:      in.id(req.IdempotencyKey, "idempotencyKey"),
		Customer: in.customer(caller, req.OnBehalfOf),
		Basket:   in.basket(req.Lines, req.PromotionCodes),
		Address:  in.address(req.ShippingAddress),
		Token:    in.token(req.PaymentToken),
		Refuse:   req.RefuseIfOutOfStock,
	}
	return asked, in.problems
}

func (h *Handler) place(ctx context.Context, caller serve.Caller, asked placing) (app.Answer, []problem.Problem, error) {
	request, err := request(caller, "placeOrder", asked.Key, asked)
	if err != nil {
		return app.Answer{}, nil, err
	}
	answer, answered, known, err := app.Again(ctx, h.Books, request, h.now(), asked.Customer, asked.Basket.SKUs())
	if err != nil || answered {
		return answer, nil, err
	}
	priced, problems, err := h.quoteBy(ctx, caller, known, asked.Customer, asked.Basket)
	if err != nil || len(problems) > 0 {
		return app.Answer{}, problems, err
	}
	if asked.Refuse {
		if problems := app.Shortages(ctx, h.Inventory, asked.Basket, h.Log); len(problems) > 0 {
			return app.Answer{}, problems, nil
		}
	}
	forOther := asked.Customer != customerOf(caller.ID)
	answer, err = h.store(ctx, request, asked, priced, forOther)
	return answer, nil, err
}

// store places the order; an operator who places it for somebody else is audited.
func (h *Handler) store(
	ctx context.Context, request app.Request, asked placing, priced quote.Quote, forOther bool,
) (app.Answer, error) {
	id, err := h.NewID()
	if err != nil {
		return app.Answer{}, fmt.Errorf("make order id: %w", err)
	}
	at := h.now()
	placing := app.Placing{Request: request, ID: order.ID{UUID: id}, Placement: order.Placement{
		CustomerID:      asked.Customer,
		Lines:           priced.Lines,
		Discount:        priced.Discount,
		Total:           priced.Total,
		ShippingAddress: asked.Address,
		PaymentToken:    asked.Token,
		PricedFrom:      priced.PricedFrom,
		PromotionCodes:  asked.Basket.PromotionCodes,
		Deadline:        at.Add(h.Deadline),
	}}
	place := func(store app.Store) (app.Answer, error) { return app.Place(ctx, store, placing, at) }
	return carryOut(ctx, h, forOther, place, func(a app.Answer) deed {
		return deed{"order.placed", "Placed order " + a.Order.Number + " on behalf of its customer.", a.Order.ID.UUID}
	})
}
