package app

import (
	"context"
	"time"

	"github.com/google/uuid"
)

// Forget forgets an erased customer.
func Forget(ctx context.Context, store Store, customer uuid.UUID, _ time.Time) error {
	return store.Forget(ctx, customer)
}
