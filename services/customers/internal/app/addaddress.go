package app

import (
	"context"
	"time"

	"quadrille.dev/services/customers/internal/customer"
)

// AddAddress adds an address to a customer's, or answers ErrTooMany.
func AddAddress(ctx context.Context, store Store, id customer.ID, address customer.Address, at time.Time) (customer.Customer, error) {
	c, err := change(ctx, store, id, at, func(c customer.Customer) []customer.Event { return c.AddAddress(address) })
	if err == nil && len(c.Addresses) > customer.MaxAddresses {
		return customer.Customer{}, ErrTooMany
	}
	return c, err
}
