package app

import (
	"context"
	"errors"
	"time"

	"quadrille.dev/services/customers/internal/customer"
)

// Account is an account as the shop itself sets one up: of any tier and role. Password is its hash.
type Account struct {
	ID       customer.ID
	Profile  customer.Profile
	Tier     customer.Tier
	Roles    []customer.Role
	Password string
}

// Enrol sets an account up unless it is there, or was.
func Enrol(ctx context.Context, store Store, account Account, at time.Time) error {
	_, err := store.Customer(ctx, account.ID)
	switch {
	case errors.Is(err, ErrErased):
		return nil
	case !errors.Is(err, ErrNoCustomer):
		return err
	}
	events := customer.Register(account.ID, account.Profile, account.Tier, account.Roles...)
	return store.Create(ctx, customer.Customer{}.Apply(events...), account.Password, at, events...)
}
