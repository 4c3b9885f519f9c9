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
}

// foreseen is a route that has the accounts of orders be locked of which something was heard that it can read.
func foreseen[M any](fact string, versions inbox.Versions[M], handle func(context.Context, app.Store, M, time.Time) error, of func(M) account.OrderID) inbox.Route[app.Store] {
	return inbox.Foreseen(fact, versions, handle, func(ctx context.Context, store app.Store, messages []M) error {
		able, is := store.(expecting)
		if !is {
			return nil
		}
		orders := make([]account.OrderID, len(messages))
		for i, message := range messages {
			orders[i] = of(message)
		}
		return able.Expect(ctx, orders)
	})
}

func itself(order account.OrderID) account.OrderID { return order }

func placed(order account.Order) account.OrderID { return order.ID }
