package app

import (
	"context"

	"quadrille.dev/services/ordering/internal/order"
)

// Customers knows who exists.
type Customers interface {
	Exists(ctx context.Context, customer order.CustomerID) (bool, error)
}

// Missing tells whether a customer for whom somebody else orders does not exist. Of one that was never heard of customers is asked, and
// nothing but its own "no" counts: while it is silent, orders are taken.
func (q Quoter) Missing(ctx context.Context, known Known, customer order.CustomerID) bool {
	if known.Heard {
		return false
	}
	exists, err := q.Customers.Exists(ctx, customer)
	if err != nil {
		q.Log.WarnContext(ctx, "customers did not say whether a customer exists", "customer", customer, "error", err)
		return false
	}
	return !exists
}
