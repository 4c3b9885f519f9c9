package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"quadrille.dev/platform/erasure"
	"quadrille.dev/services/customers/internal/customer"
)

// Erase leaves a row that says nothing but that there was somebody. The keys of the registration go too: it can be made again.
func (s *Store) Erase(ctx context.Context, c customer.Customer, at time.Time, events ...customer.Event) error {
	id := uuid.UUID(c.ID)
	batch := &pgx.Batch{}
	batch.Queue(`
		UPDATE customer SET email = '', email_key = NULL, name = '', phone = NULL, password = '', version = $2, erased_at = $3
		WHERE id = $1`, id, c.Version, at)
	batch.Queue(`DELETE FROM address WHERE customer_id = $1`, id)
	batch.Queue(`DELETE FROM identity WHERE customer_id = $1`, id)
	batch.Queue(`DELETE FROM claim WHERE (customer_id = $1 AND mutation = 'registerCustomer') OR principal = $2`, id, id.String())
	if err := s.tx.SendBatch(ctx, batch).Close(); err != nil {
		return fmt.Errorf("erase customer %s: %w", c.ID, err)
	}
	if err := erasure.Forget(ctx, s.tx, id, nil); err != nil {
		return err
	}
	return s.append(ctx, c, at, events)
}
