package postgres

import (
	"context"
	"fmt"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"quadrille.dev/services/customers/internal/app"
	"quadrille.dev/services/customers/internal/customer"
)

// Querier is a pool or a transaction.
type Querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

// Directory reads customers without locking them.
type Directory struct{ db Querier }

// NewDirectory reads from db.
func NewDirectory(db Querier) *Directory { return &Directory{db: db} }

// Customers answers those that exist and are not erased, by id.
func (d *Directory) Customers(ctx context.Context, ids []uuid.UUID) ([]customer.Customer, error) {
	return customers(ctx, d.db, ids...)
}

// Find answers the customer with an e-mail address and the hash of the password, or app.ErrNoCustomer.
func (d *Directory) Find(ctx context.Context, email string) (found customer.Customer, password string, err error) {
	if strings.ContainsRune(email, 0) {
		return customer.Customer{}, "", app.ErrNoCustomer // PostgreSQL has no such text
	}
	var id uuid.UUID
	err = d.db.QueryRow(ctx, `SELECT id, password FROM customer WHERE email_key = $1`, customer.EmailKey(email)).Scan(&id, &password)
	if err != nil {
		return customer.Customer{}, "", absent(err, "find customer")
	}
	all, err := customers(ctx, d.db, id)
	if err != nil {
		return customer.Customer{}, "", err
	}
	if len(all) == 0 { // erased in between
		return customer.Customer{}, "", app.ErrNoCustomer
	}
	return all[0], password, nil
}

// Password answers the hash of a customer's password, or app.ErrNoCustomer.
func (d *Directory) Password(ctx context.Context, id customer.ID) (string, error) {
	var password string
	if err := d.db.QueryRow(ctx, `SELECT password FROM customer WHERE id = $1 AND erased_at IS NULL`, uuid.UUID(id)).Scan(&password); err != nil {
		return "", absent(err, "read password")
	}
	return password, nil
}

func customers(ctx context.Context, db Querier, ids ...uuid.UUID) ([]customer.Customer, error) {
	rows, err := db.Query(ctx, `
		SELECT id, email, name, coalesce(phone, ''), tier, roles, version FROM customer
		WHERE id = ANY ($1) AND erased_at IS NULL ORDER BY id`, ids)
	if err != nil {
		return nil, fmt.Errorf("read customers: %w", err)
	}
	all, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (customer.Customer, error) {
		var (
			id uuid.UUID
			c  customer.Customer
		)
		err := row.Scan(&id, &c.Email, &c.Name, &c.Phone, &c.Tier, &c.Roles, &c.Version)
		c.ID = customer.ID(id)
		return c, err
	})
	if err != nil {
		return nil, fmt.Errorf("read customers: %w", err)
	}
	kept, err := addresses(ctx, db, ids)
	if err != nil {
		return nil, err
	}
	for i := range all {
		all[i].Addresses = kept[all[i].ID]
	}
	return all, nil
}

// addresses answers the addresses of customers, oldest first.
func addresses(ctx context.Context, db Querier, ids []uuid.UUID) (map[customer.ID][]customer.Address, error) {
	rows, err := db.Query(ctx, `
		SELECT customer_id, id, name, street, city, postal_code, country_code
		FROM address WHERE customer_id = ANY ($1) ORDER BY position`, ids)
	if err != nil {
		return nil, fmt.Errorf("read addresses: %w", err)
	}
	kept := map[customer.ID][]customer.Address{}
	var (
		of uuid.UUID
		a  customer.Address
	)
	_, err = pgx.ForEachRow(rows, []any{&of, &a.ID, &a.Name, &a.Street, &a.City, &a.PostalCode, &a.CountryCode}, func() error {
		kept[customer.ID(of)] = append(kept[customer.ID(of)], a)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read addresses: %w", err)
	}
	return kept, nil
}
