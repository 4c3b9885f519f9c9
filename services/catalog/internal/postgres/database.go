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
	"quadrille.dev/services/catalog/internal/app"
	"quadrille.dev/services/catalog/internal/product"
)

// Database is catalog's database: transactions for what operators do, and what is read without one.
type Database struct {
	*postgres.DB

	Publish Publish
}

// Act runs an operator's use case in a transaction. If the use case changed anything, the entry that it answers goes into the audit.
func (d *Database) Act(ctx context.Context, use func(store app.Store) (audit.Entry, error)) error {
	return d.InTx(ctx, func(tx pgx.Tx) error {
		store := &Store{tx: tx, publish: d.Publish}
		entry, err := use(store)
		if err != nil || !store.changed {
			return err
		}
		return audit.Record(ctx, tx, "catalog", entry)
	})
}

// ByID reads the products with these ids; those that do not exist are left out.
func (d *Database) ByID(ctx context.Context, ids []uuid.UUID) (map[uuid.UUID]product.Product, error) {
	products := make(map[uuid.UUID]product.Product, len(ids))
	err := d.each(ctx, `SELECT `+columns+` FROM product WHERE id = ANY ($1)`, ids, func(p product.Product) { products[p.ID] = p })
	return products, err
}

// BySKU reads the products with these SKUs; those that do not exist are left out.
func (d *Database) BySKU(ctx context.Context, skus []string) (map[string]product.Product, error) {
	products := make(map[string]product.Product, len(skus))
	err := d.each(ctx, `SELECT `+columns+` FROM product WHERE sku = ANY ($1)`, storable(skus),
		func(p product.Product) { products[p.SKU] = p })
	return products, err
}

func (d *Database) each(ctx context.Context, query string, keys any, f func(product.Product)) error {
	rows, err := d.Query(ctx, query, keys)
	if err != nil {
		return fmt.Errorf("read products: %w", err)
	}
	products, err := pgx.CollectRows(rows, scan)
	if err != nil {
		return fmt.Errorf("read products: %w", err)
	}
	for _, p := range products {
		f(p)
	}
	return nil
}

// storable leaves out texts that PostgreSQL cannot hold, which are therefore not there.
func storable(texts []string) []string {
	return slices.DeleteFunc(slices.Clone(texts), func(text string) bool { return strings.ContainsRune(text, 0) })
}
