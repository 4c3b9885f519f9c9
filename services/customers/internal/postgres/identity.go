package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"quadrille.dev/services/customers/internal/app"
	"quadrille.dev/services/customers/internal/customer"
)

// Identified answers whose an identity is, or ErrNoCustomer. Of two that ask at once for the same one the second waits.
func (s *Store) Identified(ctx context.Context, identity app.Identity) (customer.ID, error) {
	if _, err := s.tx.Exec(ctx, `SELECT pg_advisory_xact_lock(hashtextextended($1 || ' ' || $2, 0))`, identity.Issuer, identity.Subject); err != nil {
		return customer.ID{}, fmt.Errorf("lock identity: %w", err)
	}
	var id uuid.UUID
	err := s.tx.QueryRow(ctx, `SELECT customer_id FROM identity WHERE issuer = $1 AND subject = $2`, identity.Issuer, identity.Subject).Scan(&id)
	if err != nil {
		return customer.ID{}, absent(err, "read identity")
	}
	return customer.ID(id), nil
}

// Identify remembers whose an identity is.
func (s *Store) Identify(ctx context.Context, identity app.Identity, id customer.ID, at time.Time) error {
	_, err := s.tx.Exec(ctx, `INSERT INTO identity (issuer, subject, customer_id, at) VALUES ($1, $2, $3, $4)`,
		identity.Issuer, identity.Subject, uuid.UUID(id), at)
	if err != nil {
		return fmt.Errorf("keep identity: %w", err)
	}
	return nil
}
