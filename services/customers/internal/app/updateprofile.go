package app

import (
	"context"
	"time"

	"quadrille.dev/services/customers/internal/customer"
)

// UpdateProfile changes what is not nil.
func UpdateProfile(ctx context.Context, store Store, id customer.ID, name, phone *string, at time.Time) (customer.Customer, error) {
	return change(ctx, store, id, at, func(c customer.Customer) ([]customer.Event, error) {
		return c.UpdateProfile(name, phone), nil
	})
}
