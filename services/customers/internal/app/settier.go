package app

import (
	"context"
	"time"

	"quadrille.dev/services/customers/internal/customer"
)

// SetTier changes a customer's tier.
func SetTier(ctx context.Context, store Store, id customer.ID, tier customer.Tier, at time.Time) (customer.Customer, error) {
	return change(ctx, store, id, at, func(c customer.Customer) ([]customer.Event, error) {
		return c.SetTier(tier), nil
	})
}
