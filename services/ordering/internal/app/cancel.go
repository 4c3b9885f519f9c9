package app

import (
	"context"
	"fmt"
	"time"

	"quadrille.dev/services/ordering/internal/order"
)

// Cancelling is an order to cancel.
type Cancelling struct {
	Request Request
	ID      order.ID
	By      order.Canceller
	// Customer is who asks, if By is the customer: only their own order is cancelled.
	Customer order.CustomerID
	// Reason is what they say.
	Reason string
}

// Cancel cancels an order that is not fulfilled. ErrNoOrder, ErrForbidden or order.ErrFulfilled if it cannot be.
func Cancel(ctx context.Context, store Store, c Cancelling, at time.Time) (Answer, error) {
	o, err := store.Order(ctx, c.ID)
	if err != nil {
		return Answer{}, fmt.Errorf("load order %s: %w", c.ID, err)
	}
	if c.By == order.ByCustomer && o.CustomerID != c.Customer {
		return Answer{}, fmt.Errorf("cancel order %s: %w", c.ID, ErrForbidden)
	}
	first, answered, err := store.Claim(ctx, c.Request, c.ID.UUID, at)
	if err != nil {
		return Answer{}, fmt.Errorf("claim key to cancel order %s: %w", c.ID, err)
	}
	if answered {
		return again(ctx, store, order.ID{UUID: first})
	}
	erased, err := store.Erased(ctx, o.CustomerID)
	if err != nil {
		return Answer{}, fmt.Errorf("cancel order %s: %w", c.ID, err)
	}
	if erased { // what people write may tell who the customer was
		c.Reason = ""
	}
	events, err := o.Cancel(c.By, c.Reason)
	if err != nil {
		return Answer{}, fmt.Errorf("cancel order %s: %w", c.ID, err)
	}
	if err := store.Save(ctx, o, at, events...); err != nil {
		return Answer{}, fmt.Errorf("save order %s: %w", c.ID, err)
	}
	return Answer{Order: o.After(at, events...)}, nil
}
