package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"quadrille.dev/platform/erasure"
	"quadrille.dev/services/billing/internal/account"
	"quadrille.dev/services/billing/internal/party"
)

const partyColumns = `customer_id, name, email, address_name, street, city, postal_code, country_code, heard, told, erased,
	call_wanted, call_attempts, call_due_at`

func scanParty(row pgx.CollectableRow) (party.Party, error) {
	var p party.Party
	err := row.Scan(&p.Customer.UUID, &p.Name, &p.Email, &p.Address.Name, &p.Address.Street, &p.Address.City, &p.Address.PostalCode,
		&p.Address.CountryCode, &p.Heard, &p.Told, &p.Erased, &p.Call.Wanted, &p.Call.Attempts, &p.Call.DueAt)
	p.Call.DueAt = p.Call.DueAt.UTC()
	return p, err
}

// Party answers and locks a party, which it makes if there is none.
func (s *Store) Party(ctx context.Context, customer account.CustomerID) (party.Party, error) {
	var p party.Party
	batch := &pgx.Batch{}
	batch.Queue(`INSERT INTO parties (customer_id) VALUES ($1) ON CONFLICT DO NOTHING`, customer.UUID)
	batch.Queue(`SELECT `+partyColumns+` FROM parties WHERE customer_id = $1 FOR UPDATE`, customer.UUID).
		Query(func(rows pgx.Rows) (err error) {
			p, err = pgx.CollectExactlyOneRow(rows, scanParty)
			return err
		})
	if err := s.tx.SendBatch(ctx, batch).Close(); err != nil {
		return party.Party{}, fmt.Errorf("lock party %s: %w", customer, err)
	}
	return p, nil
}

// SaveParty stores a party.
func (s *Store) SaveParty(ctx context.Context, p party.Party) error {
	_, err := s.tx.Exec(ctx, `
		UPDATE parties SET name = $2, email = $3, address_name = $4, street = $5, city = $6, postal_code = $7, country_code = $8,
			heard = $9, told = $10, erased = $11, call_wanted = $12, call_attempts = $13, call_due_at = $14
		WHERE customer_id = $1`,
		p.Customer.UUID, p.Name, p.Email, p.Address.Name, p.Address.Street, p.Address.City, p.Address.PostalCode, p.Address.CountryCode,
		p.Heard, p.Told, p.Erased, p.Call.Wanted, p.Call.Attempts, p.Call.DueAt)
	if err != nil {
		return fmt.Errorf("save party %s: %w", p.Customer, err)
	}
	if p.Call.Wanted && p.Call.Attempts == 0 {
		s.wake.Party()
	}
	return nil
}

// DueParties answers and locks parties with a question that is due.
func (s *Store) DueParties(ctx context.Context, at time.Time, limit int) ([]party.Party, error) {
	rows, err := s.tx.Query(ctx, `
		SELECT `+partyColumns+` FROM parties WHERE call_wanted AND call_due_at <= $1
		ORDER BY call_due_at LIMIT $2 FOR UPDATE SKIP LOCKED`, at, limit)
	if err != nil {
		return nil, fmt.Errorf("find questions that are due: %w", err)
	}
	due, err := pgx.CollectRows(rows, scanParty)
	if err != nil {
		return nil, fmt.Errorf("find questions that are due: %w", err)
	}
	return due, nil
}

// Forget remembers that a customer is erased, and answers their orders.
func (s *Store) Forget(ctx context.Context, customer account.CustomerID) (orders []account.OrderID, err error) {
	err = erasure.Forget(ctx, s.tx, customer.UUID, func(ctx context.Context) ([]string, error) {
		if orders, err = s.ordersOf(ctx, customer); err != nil {
			return nil, err
		}
		subjects := make([]string, len(orders))
		for i, order := range orders {
			subjects[i] = order.String()
		}
		return subjects, nil
	})
	return orders, err
}

// Forgotten tells whether a customer is erased.
func (s *Store) Forgotten(ctx context.Context, customer account.CustomerID) (bool, error) {
	return s.asked.Forgotten(ctx, s.tx, customer.UUID)
}

func (s *Store) ordersOf(ctx context.Context, customer account.CustomerID) ([]account.OrderID, error) {
	rows, err := s.tx.Query(ctx, `SELECT order_id FROM accounts WHERE customer_id = $1 AND opened ORDER BY order_id`, customer.UUID)
	if err != nil {
		return nil, fmt.Errorf("find accounts: %w", err)
	}
	orders, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (order account.OrderID, err error) {
		return order, row.Scan(&order.UUID)
	})
	if err != nil {
		return nil, fmt.Errorf("find accounts: %w", err)
	}
	return orders, nil
}
