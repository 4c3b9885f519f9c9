package postgres

import (
	"context"

	"github.com/google/uuid"

	"quadrille.dev/platform/erasure"
)

// Forget blots what waits to be handled and tells of an erased customer.
func (s *Store) Forget(ctx context.Context, customer uuid.UUID) error {
	return erasure.Forget(ctx, s.tx, customer, nil)
}
