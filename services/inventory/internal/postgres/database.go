// Package postgres is inventory's store on PostgreSQL.
package postgres

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"quadrille.dev/platform/audit"
	"quadrille.dev/platform/postgres"
	"quadrille.dev/services/inventory/internal/app"
	"quadrille.dev/services/inventory/internal/reservation"
)

// Database is inventory's database: transactions for use cases, and what is read without one.
type Database struct {
	*postgres.DB

	Language app.Language
	// Changed, unless nil, hears of the SKUs of which more or less can be promised, once that is committed.
	Changed func(skus ...string)
}

// Store is inventory's state within tx.
func (d *Database) Store(tx pgx.Tx) app.Store { return &Store{tx: tx, database: d} }

// Use runs a use case in a transaction.
func (d *Database) Use(ctx context.Context, use func(store app.Store) error) error {
	return d.InTx(ctx, func(tx pgx.Tx) error { return use(d.Store(tx)) })
}

// Act runs an operator's use case in a transaction. If the use case changed anything, the entry that it answers goes into the audit.
func (d *Database) Act(ctx context.Context, use func(store app.Store) (audit.Entry, error)) error {
	return d.InTx(ctx, func(tx pgx.Tx) error {
		store := &Store{tx: tx, database: d}
		entry, err := use(store)
		if err != nil || !store.acted {
			return err
		}
		return audit.Record(ctx, tx, "inventory", entry)
	})
}

// Level is what can be promised of a SKU.
type Level struct {
	SKU       string
	Available int64
}

// Levels reads what can be promised of SKUs. SKUs never received are left out.
func (d *Database) Levels(ctx context.Context, skus []string) ([]Level, error) {
	rows, err := d.Query(ctx, `SELECT sku, on_hand - reserved FROM stock WHERE sku = ANY ($1)`, storable(skus))
	if err != nil {
		return nil, fmt.Errorf("read levels: %w", err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Level])
	if err != nil {
		return nil, fmt.Errorf("read levels: %w", err)
	}
	return found, nil
}

// Reservations reads how the reservations of orders stand, in the order asked for. Orders without one are left out.
func (d *Database) Reservations(ctx context.Context, orderIDs []uuid.UUID) ([]reservation.Reservation, error) {
	rows, err := d.Query(ctx, `
		SELECT order_id, coalesce(customer_id, '00000000-0000-0000-0000-000000000000'), status
		FROM unnest($1::uuid[]) WITH ORDINALITY AS asked (order_id, place)
		JOIN reservation USING (order_id)
		ORDER BY place`, orderIDs)
	if err != nil {
		return nil, fmt.Errorf("read reservations: %w", err)
	}
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (r reservation.Reservation, err error) {
		err = row.Scan(&r.OrderID, &r.CustomerID, &r.Status)
		return r, err
	})
	if err != nil {
		return nil, fmt.Errorf("read reservations: %w", err)
	}
	return found, nil
}

// storable leaves out texts that PostgreSQL cannot hold, which are therefore not there.
func storable(texts []string) []string {
	return slices.DeleteFunc(slices.Clone(texts), func(text string) bool { return strings.ContainsRune(text, 0) })
}
