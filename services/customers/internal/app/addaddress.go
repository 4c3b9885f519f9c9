package app

import (
	"context"
	"time"

	"quadrille.dev/services/customers/internal/customer"
)

// AddAddress adds an address to a customer's.
func AddAddress(ctx context.Context, store Store, id customer.ID, address customer.Address, at time.Time) (customer.Customer, error) {
	return change(ctx, store, id, at, func(c customer.Customer) ([]customer.Event, error) { return c.AddAddress(address) })
}
