package acl

import (
	"context"
	"time"

	"quadrille.dev/platform/inbox"
	"quadrille.dev/services/billing/internal/account"
	"quadrille.dev/services/billing/internal/app"
)

// expecting is a store that can lock the accounts of several orders at once.
type expecting interface {
	Expect(ctx context.Context, orders []account.OrderID) error
	// ExpectForgotten has it be known whether a customer is erased, at the latest when Expect returns.
	ExpectForgotten(ctx context.Context, customer account.CustomerID) error
}

// foreseen is a route that has the accounts of orders be locked of which something was heard that it can read. Of an order that was placed it is also to be known
// whether its customer is erased.
func foreseen[M any](fact string, versions inbox.Versions[M], handle func(context.Context, app.Store, M, time.Time) error, of func(M) account.OrderID) inbox.Route[app.Store] {
	return inbox.Foreseen(fact, versions, handle, func(ctx context.Context, store app.Store, messages []M) error {
		able, is := store.(expecting)
		if !is {
			return nil
		}
		orders := make([]account.OrderID, len(messages))
		for i, message := range messages {
			orders[i] = of(message)
			if placed, is := any(message).(account.Order); is {
				if err := able.ExpectForgotten(ctx, placed.Customer); err != nil {
					return err
				}
			}
		}
		return able.Expect(ctx, orders)
	})
}

func itself(order account.OrderID) account.OrderID { return order }

func placed(order account.Order) account.OrderID { return order.ID }
