package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"quadrille.dev/platform/prune"
	"quadrille.dev/services/customers/internal/app"
	"quadrille.dev/services/customers/internal/customer"
)

// Claim takes an idempotency key, or answers who has taken it before. Of two that come at once the second waits.
func (s *Store) Claim(ctx context.Context, claim app.Claim, at time.Time) (app.Claim, error) {
	taken, err := s.tx.Exec(ctx, `
		INSERT INTO claim (principal, mutation, key, digest, customer_id, at) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (principal, mutation, key) DO NOTHING`,
		claim.Principal, claim.Mutation, claim.Key, claim.Digest, uuid.UUID(claim.Customer), at)
	if err != nil {
		return app.Claim{}, fmt.Errorf("take idempotency key: %w", err)
	}
	if taken.RowsAffected() == 1 {
		return claim, nil
	}
	var id uuid.UUID
	first := claim
	err = s.tx.QueryRow(ctx, `SELECT digest, customer_id FROM claim WHERE principal = $1 AND mutation = $2 AND key = $3`,
		claim.Principal, claim.Mutation, claim.Key).Scan(&first.Digest, &id)
	if err != nil {
		return app.Claim{}, fmt.Errorf("read idempotency key: %w", err)
	}
	first.Customer = customer.ID(id)
	return first, nil
}

// Kept says when idempotency keys may be forgotten.
func Kept() prune.Table {
	return prune.Table{Name: "claim", Age: "at", KeptFor: app.KeysKept}
}
