// Package postgres keeps customers in PostgreSQL.
package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"quadrille.dev/platform/audit"
	"quadrille.dev/platform/event"
	"quadrille.dev/platform/outbox"
	"quadrille.dev/services/customers/internal/app"
	"quadrille.dev/services/customers/internal/customer"
)

// Publish is the fact that tells neighbours of an event.
type Publish func(id customer.ID, sequence int64, e customer.Event, at time.Time) event.Fact

// Store is app.Store in a transaction.
type Store struct {
	tx      pgx.Tx
	publish Publish
	// changed is set when a customer was changed.
	changed bool
}

// New makes the store of a transaction.
func New(tx pgx.Tx, publish Publish) *Store { return &Store{tx: tx, publish: publish} }

// Act runs an operator's use case. If it changed anything, the entry that it answers goes into the audit.
func (s *Store) Act(ctx context.Context, use func(app.Store) (audit.Entry, error)) error {
	entry, err := use(s)
	if err != nil || !s.changed {
		return err
	}
	return audit.Record(ctx, s.tx, "customers", entry)
}

// Customer loads a customer and locks it.
func (s *Store) Customer(ctx context.Context, id customer.ID) (customer.Customer, error) {
	var erased bool
	err := s.tx.QueryRow(ctx, `SELECT erased_at IS NOT NULL FROM customer WHERE id = $1 FOR UPDATE`, uuid.UUID(id)).Scan(&erased)
	switch {
	case err != nil:
		return customer.Customer{}, absent(err, "lock customer")
	case erased:
		return customer.Customer{}, app.ErrErased
	}
	found, err := customers(ctx, s.tx, uuid.UUID(id))
	if err != nil {
		return customer.Customer{}, err
	}
	return found[0], nil
}

func absent(err error, act string) error {
	if errors.Is(err, pgx.ErrNoRows) {
		return app.ErrNoCustomer
	}
	return fmt.Errorf("%s: %w", act, err)
}

// Create stores a new customer and publishes events.
func (s *Store) Create(ctx context.Context, c customer.Customer, password string, at time.Time, events ...customer.Event) error {
	inserted, err := s.tx.Exec(ctx, `
		INSERT INTO customer (id, email, email_key, name, phone, tier, roles, password, version, registered_at)
		VALUES ($1, $2, $3, $4, nullif($5, ''), $6, $7, $8, $9, $10)
		ON CONFLICT (email_key) DO NOTHING`,
		uuid.UUID(c.ID), c.Email, customer.EmailKey(c.Email), c.Name, c.Phone, c.Tier, c.Roles, password, c.Version, at)
	if err != nil {
		return fmt.Errorf("insert customer: %w", err)
	}
	if inserted.RowsAffected() == 0 {
		return app.ErrEmailTaken
	}
	return s.append(ctx, c, at, events)
}

// Save stores a changed customer and publishes events.
func (s *Store) Save(ctx context.Context, c customer.Customer, at time.Time, events ...customer.Event) error {
	_, err := s.tx.Exec(ctx, `
		UPDATE customer SET name = $2, phone = nullif($3, ''), tier = $4, version = $5 WHERE id = $1`,
		uuid.UUID(c.ID), c.Name, c.Phone, c.Tier, c.Version)
	if err != nil {
		return fmt.Errorf("update customer: %w", err)
	}
	for _, e := range events {
		if added, ok := e.(customer.AddressAdded); ok {
			if err := s.insertAddress(ctx, c.ID, added.Address); err != nil {
				return err
			}
		}
	}
	return s.append(ctx, c, at, events)
}

func (s *Store) insertAddress(ctx context.Context, id customer.ID, a customer.Address) error {
	_, err := s.tx.Exec(ctx, `
		INSERT INTO address (id, customer_id, name, street, city, postal_code, country_code)
		VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		a.ID, uuid.UUID(id), a.Name, a.Street, a.City, a.PostalCode, a.CountryCode)
	if err != nil {
		return fmt.Errorf("insert address: %w", err)
	}
	return nil
}

// append publishes the last events of a customer, who is at the version after them.
func (s *Store) append(ctx context.Context, c customer.Customer, at time.Time, events []customer.Event) error {
	s.changed = true
	facts := make([]event.Envelope, len(events))
	for i, e := range events {
		sequence := c.Version - int64(len(events)-1-i)
		facts[i] = event.New(ctx, s.publish(c.ID, sequence, e, at))
	}
	return outbox.Append(ctx, s.tx, facts...)
}
