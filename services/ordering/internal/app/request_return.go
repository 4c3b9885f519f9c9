package app

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"quadrille.dev/services/ordering/internal/order"
	"quadrille.dev/services/ordering/internal/returns"
)

// Returning is goods of an order to send back.
type Returning struct {
	Request Request
	ID      returns.ID
	Order   order.ID
	// Customer is who asks: only their own order's goods go back. The zero value is an operator, who may ask for anybody.
	Customer order.CustomerID
	Ask      returns.Ask
}

// Accepted is the answer to a request for a return: the return, and whether it was requested before.
type Accepted struct {
	Return   returns.Return
	Replayed bool
}

// RequestReturn begins a return once for each request. ErrNoOrder, ErrForbidden, returns.ErrNotFulfilled or a returns.TooManyError if it
// cannot be. The order stays locked meanwhile, so that requests at once do not take back more than was bought.
func RequestReturn(ctx context.Context, store Store, pace returns.Pace, r Returning, at time.Time) (Accepted, error) {
	o, err := store.Order(ctx, r.Order)
	if err != nil {
		return Accepted{}, fmt.Errorf("load order %s: %w", r.Order, err)
	}
	if r.Customer != (order.CustomerID{}) && o.CustomerID != r.Customer {
		return Accepted{}, fmt.Errorf("return goods of order %s: %w", r.Order, ErrForbidden)
	}
	first, answered, err := store.Claim(ctx, r.Request, r.ID.UUID, at)
	if err != nil {
		return Accepted{}, fmt.Errorf("claim key of return %s: %w", r.ID, err)
	}
	if answered {
		return acceptedBefore(ctx, store, first)
	}
	erased, err := store.Erased(ctx, o.CustomerID)
	if err != nil {
		return Accepted{}, fmt.Errorf("request return %s: %w", r.ID, err)
	}
	if erased { // what people write may tell who the customer was
		r.Ask.Reason = ""
	}
	return begin(ctx, store, pace, r, o, at)
}

func begin(ctx context.Context, store Store, pace returns.Pace, r Returning, o order.Order, at time.Time) (Accepted, error) {
	others, err := store.ReturnsOf(ctx, []order.ID{o.ID})
	if err != nil {
		return Accepted{}, fmt.Errorf("load returns of order %s: %w", o.ID, err)
	}
	blank := returns.Return{ID: r.ID}
	events, err := blank.Begin(o, others, r.Ask, pace)
	if err != nil {
		return Accepted{}, fmt.Errorf("request return %s: %w", r.ID, err)
	}
	if err := store.SaveReturn(ctx, blank, at, events...); err != nil {
		return Accepted{}, fmt.Errorf("save return %s: %w", r.ID, err)
	}
	return Accepted{Return: blank.After(at, events...)}, nil
}

func acceptedBefore(ctx context.Context, store Reader, id uuid.UUID) (Accepted, error) {
	kept, err := store.Returns(ctx, []returns.ID{{UUID: id}})
	if err != nil {
		return Accepted{}, fmt.Errorf("load return %s: %w", id, err)
	}
	if len(kept) == 0 {
		return Accepted{}, fmt.Errorf("load return %s: %w", id, ErrNoReturn)
	}
	return Accepted{Return: kept[0], Replayed: true}, nil
}
