package app

import (
	"bytes"
	"context"
	"time"

	"quadrille.dev/services/customers/internal/customer"
)

// Registration is what somebody registers with; Password is its hash.
type Registration struct {
	Claim    Claim
	Profile  customer.Profile
	Password string
}

// KeysKept is how long an idempotency key is remembered.
const KeysKept = 30 * 24 * time.Hour

// Register makes a customer of the standard tier. It answers the customer's id, and whether the key was used before with the
// same input: then the caller has still to compare the password, of which no digest is kept.
func Register(ctx context.Context, store Store, r Registration, at time.Time) (id customer.ID, replayed bool, err error) {
	first, err := store.Claim(ctx, r.Claim, at)
	if err != nil {
		return customer.ID{}, false, err
	}
	if first.Customer != r.Claim.Customer {
		if !bytes.Equal(first.Digest, r.Claim.Digest) {
			return customer.ID{}, false, ErrKeyConflict
		}
		return first.Customer, true, nil
	}
	events := customer.Register(r.Claim.Customer, r.Profile, customer.Standard, customer.Buyer)
	return r.Claim.Customer, false, store.Create(ctx, customer.Customer{}.Apply(events...), r.Password, at, events...)
}
