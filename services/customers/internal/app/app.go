// Package app holds what can be done with customers, one file per verb.
package app

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"quadrille.dev/services/customers/internal/customer"
)

// Store keeps customers, in one transaction.
type Store interface {
	// Customer loads a customer and locks it, or answers ErrNoCustomer; ErrErased, which is one too, if there was one.
	Customer(ctx context.Context, id customer.ID) (customer.Customer, error)
	// Create stores a new customer with the hash of its password and publishes events, or answers ErrEmailTaken.
	Create(ctx context.Context, c customer.Customer, password string, at time.Time, events ...customer.Event) error
	// Save stores a customer that Customer answered, changed by events, and publishes them.
	Save(ctx context.Context, c customer.Customer, at time.Time, events ...customer.Event) error
	// Erase stores that a customer is erased, leaves nothing personal behind, and publishes events.
	Erase(ctx context.Context, c customer.Customer, at time.Time, events ...customer.Event) error
	// Identified answers whose an identity is, and locks it, or answers ErrNoCustomer.
	Identified(ctx context.Context, identity Identity) (customer.ID, error)
	// Identify remembers whose an identity is.
	Identify(ctx context.Context, identity Identity, id customer.ID, at time.Time) error
	// Claim takes an idempotency key, or answers who has taken it before.
	Claim(ctx context.Context, claim Claim, at time.Time) (Claim, error)
}

// Claim is the use of an idempotency key.
type Claim struct {
	// Principal is who has chosen the key: another's key of the same value is another key.
	Principal string
	// Mutation is what the key is used for: for another it is another key, too.
	Mutation string
	Key      uuid.UUID
	// Digest is a keyed hash of the input, without the password.
	Digest   []byte
	Customer customer.ID
}

// The reasons for which a use case is refused.
var (
	ErrNoCustomer  = errors.New("no such customer")
	ErrErased      = fmt.Errorf("erased: %w", ErrNoCustomer)
	ErrEmailTaken  = errors.New("e-mail address already registered")
	ErrKeyConflict = errors.New("idempotency key used with another input")
)

// change loads a customer, has it decide, and stores what follows.
func change(ctx context.Context, store Store, id customer.ID, at time.Time, decide func(customer.Customer) ([]customer.Event, error)) (
	customer.Customer, error,
) {
	c, err := store.Customer(ctx, id)
	if err != nil {
		return customer.Customer{}, err
	}
	events, err := decide(c)
	if err != nil || len(events) == 0 {
		return c, err
	}
	c = c.Apply(events...)
	return c, store.Save(ctx, c, at, events...)
}
