package app

import (
	"bytes"
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
)

// Erasure is whom to forget, and why. The claim has no key if the operator has chosen none.
type Erasure struct {
	Claim  Claim
	Reason string
}

// Erase forgets a customer, who then has never been here as far as anybody can tell. It answers whether that was done before.
func Erase(ctx context.Context, store Store, e Erasure, at time.Time) (replayed bool, err error) {
	c, err := store.Customer(ctx, e.Claim.Customer)
	replayed = errors.Is(err, ErrErased)
	if err != nil && !replayed {
		return false, err
	}
	if err := claim(ctx, store, e.Claim, at); err != nil || replayed {
		return replayed, err
	}
	events, err := c.Erase(e.Reason)
	if err != nil {
		return false, err
	}
	return false, store.Erase(ctx, c.Apply(events...), at, events...)
}

// claim takes the key of a command that need not have one, or answers ErrKeyConflict.
func claim(ctx context.Context, store Store, claim Claim, at time.Time) error {
	if claim.Key == uuid.Nil {
		return nil
	}
	first, err := store.Claim(ctx, claim, at)
	if err == nil && !bytes.Equal(first.Digest, claim.Digest) {
		return ErrKeyConflict
	}
	return err
}
