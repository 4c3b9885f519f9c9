package app

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"quadrille.dev/services/ordering/internal/order"
)

// Placing is an order to place, priced. Unless it has a number it gets one.
type Placing struct {
	Request   Request
	ID        order.ID
	Placement order.Placement
}

// Answer is a command's: the order, and whether the command was carried out before.
type Answer struct {
	Order    order.Order
	Replayed bool
}

// Place places an order once for each request. ErrErased if the customer was erased meanwhile.
func Place(ctx context.Context, store Store, p Placing, at time.Time) (Answer, error) {
	if err := expect(ctx, store, p.Placement); err != nil {
		return Answer{}, err
	}
	first, answered, err := store.Claim(ctx, p.Request, p.ID.UUID, at)
	if err != nil {
		return Answer{}, fmt.Errorf("claim key of order %s: %w", p.ID, err)
	}
	if answered {
		return again(ctx, store, order.ID{UUID: first})
	}
	if erased, err := store.Erased(ctx, p.Placement.CustomerID); err != nil || erased {
		return Answer{}, cmp.Or(err, ErrErased)
	}
	if p.Placement.Number == "" {
		if p.Placement.Number, err = store.Number(ctx); err != nil {
			return Answer{}, err
		}
	}
	blank := order.Order{ID: p.ID}
	events, err := blank.Place(p.Placement)
	if err != nil {
		return Answer{}, err
	}
	if err := store.Save(ctx, blank, at, events...); err != nil {
		return Answer{}, fmt.Errorf("save order %s: %w", p.ID, err)
	}
	return Answer{Order: blank.After(at, events...)}, nil
}

// expecting is a store that can find out, with what it is asked next, whether a customer is erased, and draw a number.
type expecting interface {
	ExpectErased(ctx context.Context, customer order.CustomerID) error
	ExpectNumber(ctx context.Context) error
}

func expect(ctx context.Context, store Store, placement order.Placement) error {
	able, is := store.(expecting)
	if !is {
		return nil
	}
	if err := able.ExpectErased(ctx, placement.CustomerID); err != nil || placement.Number != "" {
		return err
	}
	return able.ExpectNumber(ctx)
}

func again(ctx context.Context, store Reader, id order.ID) (Answer, error) {
	orders, err := store.Orders(ctx, []order.ID{id})
	if err != nil {
		return Answer{}, fmt.Errorf("load order %s: %w", id, err)
	}
	if len(orders) == 0 {
		return Answer{}, fmt.Errorf("load order %s: %w", id, ErrNoOrder)
	}
	return Answer{Order: orders[0], Replayed: true}, nil
}

// Again answers a request that was answered before; false, and what is known for pricing what it asks for, if it was not.
func Again(ctx context.Context, store Reader, request Request, at time.Time, customer order.CustomerID, skus []string) (Answer, bool, Known, error) {
	id, answered, known, err := store.AnsweredOrKnown(ctx, request, at, customer, skus)
	if err != nil || !answered {
		return Answer{}, false, known, err
	}
	answer, err := again(ctx, store, order.ID{UUID: id})
	return answer, err == nil, known, err
}
