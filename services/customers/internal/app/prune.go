package app

import (
	"context"
	"time"
)

// keysKept is how long an idempotency key is remembered.
const keysKept = 30 * 24 * time.Hour

// Prune forgets idempotency keys that are too old.
func Prune(ctx context.Context, store Store, at time.Time) error {
	return store.Prune(ctx, at.Add(-keysKept))
}
