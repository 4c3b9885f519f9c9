package postgres

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"quadrille.dev/platform/erasure"
)

// Forget blots messages about a customer, or the customer's orders, that wait to be recorded.
func (s *Store) Forget(ctx context.Context, customer uuid.UUID) error {
	return erasure.Forget(ctx, s.tx, customer, func(ctx context.Context) ([]string, error) {
		rows, err := s.tx.Query(ctx, `SELECT id FROM sagas WHERE customer_id = $1`, customer)
		if err != nil {
			return nil, fmt.Errorf("find sagas: %w", err)
		}
		return pgx.CollectRows(rows, pgx.RowTo[string])
	})
}
