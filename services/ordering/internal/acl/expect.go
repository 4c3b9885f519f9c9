package acl

import (
	"context"
	"time"

	"quadrille.dev/platform/inbox"
	"quadrille.dev/services/ordering/internal/app"
	"quadrille.dev/services/ordering/internal/order"
)

// expecting is a store that can lock several orders at once.
type expecting interface {
	Expect(ctx context.Context, orders []order.ID) error
}

// foreseen is a route that has the orders be locked of which something was heard that it can read.
func foreseen[M any](fact string, versions inbox.Versions[M], handle func(context.Context, app.Store, M, time.Time) error, of func(M) order.ID) inbox.Route[app.Store] {
	return inbox.Foreseen(fact, versions, handle, func(ctx context.Context, store app.Store, messages []M) error {
		able, is := store.(expecting)
		if !is {
			return nil
		}
		orders := make([]order.ID, len(messages))
		for i, message := range messages {
			orders[i] = of(message)
		}
		return able.Expect(ctx, orders)
	})
}

func itself(id order.ID) order.ID { return id }

func rejected(r app.StockRejection) order.ID { return r.Order }

func refused(r app.Refusal) order.ID { return r.Order }
