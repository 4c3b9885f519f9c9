package postgres

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"quadrille.dev/services/billing/internal/account"
	"quadrille.dev/services/billing/internal/party"
	"quadrille.dev/services/billing/internal/refund"
)

// Reader looks at accounts and credit notes, outside of any transaction.
type Reader struct{ Pool *pgxpool.Pool }

// Opened answers the accounts of those of the orders that were heard of.
func (r Reader) Opened(ctx context.Context, orders []account.OrderID) ([]account.Account, error) {
	rows, err := r.Pool.Query(ctx, `SELECT `+columns+` FROM accounts WHERE order_id = ANY($1) AND opened ORDER BY order_id`, idsOf(orders))
	if err != nil {
		return nil, fmt.Errorf("read accounts: %w", err)
	}
	accounts, err := pgx.CollectRows(rows, scan)
	if err != nil {
		return nil, fmt.Errorf("read accounts: %w", err)
	}
	return accounts, nil
}

func idsOf(orders []account.OrderID) []uuid.UUID {
	ids := make([]uuid.UUID, len(orders))
	for i, order := range orders {
		ids[i] = order.UUID
	}
	return ids
}

// CreditNotes answers the refunds of those of the orders for which there is a credit note, the oldest first.
func (r Reader) CreditNotes(ctx context.Context, orders []account.OrderID) ([]refund.Refund, error) {
	rows, err := r.Pool.Query(ctx, `
		SELECT `+refundColumns+` FROM refunds WHERE order_id = ANY($1) AND status = 'REFUNDED' ORDER BY length(note), note`, idsOf(orders))
	if err != nil {
		return nil, fmt.Errorf("read credit notes: %w", err)
	}
	notes, err := pgx.CollectRows(rows, scanRefund)
	if err != nil {
		return nil, fmt.Errorf("read credit notes: %w", err)
	}
	return notes, nil
}

// Parties answers those of the customers of whom customers has told.
func (r Reader) Parties(ctx context.Context, customers []account.CustomerID) (map[account.CustomerID]party.Details, error) {
	ids := make([]uuid.UUID, len(customers))
	for i, customer := range customers {
		ids[i] = customer.UUID
	}
	rows, err := r.Pool.Query(ctx, `SELECT `+partyColumns+` FROM parties WHERE customer_id = ANY($1) AND told > 0 AND email <> ''`, ids)
	if err != nil {
		return nil, fmt.Errorf("read parties: %w", err)
	}
	found, err := pgx.CollectRows(rows, scanParty)
	if err != nil {
		return nil, fmt.Errorf("read parties: %w", err)
	}
	parties := map[account.CustomerID]party.Details{}
	for _, p := range found {
		parties[p.Customer] = p.Details
	}
	return parties, nil
}
