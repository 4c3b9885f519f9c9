package app

import (
	"context"
	"errors"
	"time"

	"quadrille.dev/services/customers/internal/customer"
)

// Identity is somebody as an issuer outside knows them.
type Identity struct{ Issuer, Subject string }

// Newcomer is what is made of an identity that is nobody's yet.
type Newcomer struct {
	Identity Identity
	// Customer is the id that it gets.
	Customer customer.ID
	Profile  customer.Profile
}

// Recognise answers which customer an identity is. At its first sign-in it becomes a customer of its own, without a password; never one who
// is there already, because that account's address was not proved by whoever made it.
func Recognise(ctx context.Context, store Store, newcomer Newcomer, at time.Time) (customer.ID, error) {
	id, err := store.Identified(ctx, newcomer.Identity)
	if !errors.Is(err, ErrNoCustomer) {
		return id, err
	}
	events := customer.Register(newcomer.Customer, newcomer.Profile, customer.Standard, customer.Buyer)
	if err := store.Create(ctx, customer.Customer{}.Apply(events...), "", at, events...); err != nil {
		return customer.ID{}, err
	}
	return newcomer.Customer, store.Identify(ctx, newcomer.Identity, newcomer.Customer, at)
}
