package postgres

import (
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"quadrille.dev/services/billing/internal/account"
)

// lock locks the accounts of orders and notes them in locked. Those that are not there it makes. It is one round trip if all are there, or if
// none is and that was likely.
func (s *Store) lock(ctx context.Context, orders []uuid.UUID, likelyNew bool, locked map[account.OrderID]account.Account) error {
	for looks := !likelyNew; len(orders) > 0; looks = !looks {
		step := s.add
		if looks {
			step = s.find
		}
		accounts, err := step(ctx, orders)
		if err != nil {
			return fmt.Errorf("lock accounts of %d orders: %w", len(orders), err)
		}
		for _, a := range accounts {
			locked[a.Order] = a
		}
		orders = slices.DeleteFunc(orders, func(id uuid.UUID) bool {
			_, done := locked[account.OrderID{UUID: id}]
			return done
		})
	}
	return nil
}

// find answers and locks the accounts that are there.
func (s *Store) find(ctx context.Context, orders []uuid.UUID) ([]account.Account, error) {
	rows, err := s.tx.Query(ctx, `SELECT `+columns+` FROM accounts WHERE order_id = ANY ($1) ORDER BY order_id FOR UPDATE`, orders)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scan)
}

// add makes those accounts that are not there, and answers them. It waits for others who make one.
func (s *Store) add(ctx context.Context, orders []uuid.UUID) ([]account.Account, error) {
	rows, err := s.tx.Query(ctx, `
		INSERT INTO accounts (order_id) SELECT DISTINCT unnest($1::uuid[]) AS id ORDER BY id ON CONFLICT DO NOTHING RETURNING order_id`, orders)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (account.Account, error) {
		var order account.OrderID
		err := row.Scan(&order.UUID)
		return account.New(order), err
	})
}
