package postgres

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"quadrille.dev/platform/audit"
	"quadrille.dev/platform/postgres"
	"quadrille.dev/services/pricing/internal/app"
	"quadrille.dev/services/pricing/internal/pricelist"
)

// Database is pricing's database: transactions for what operators do, and what is read without one.
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
		return audit.Record(ctx, tx, "pricing", entry)
	})
}

// prices are those that were set: a version counts the times.
const prices = `SELECT ` + columns + ` FROM price WHERE sku = ANY ($1) AND version > 0`

const promotions = `SELECT code, basis_points, starts_at, ends_at FROM promotion WHERE code = ANY ($1)`

// Prices reads the prices of SKUs; those without one are left out.
func (d *Database) Prices(ctx context.Context, skus []string) (map[string]pricelist.Price, error) {
	rows, err := d.Query(ctx, prices, storable(skus))
	if err != nil {
		return nil, fmt.Errorf("read prices: %w", err)
	}
	return collectPrices(rows)
}

func collectPrices(rows pgx.Rows) (map[string]pricelist.Price, error) {
	found, err := pgx.CollectRows(rows, scan)
	if err != nil {
		return nil, fmt.Errorf("read prices: %w", err)
	}
	priced := make(map[string]pricelist.Price, len(found))
	for _, p := range found {
		priced[p.SKU] = p
	}
	return priced, nil
}

// List reads all that a quote is made from at once.
func (d *Database) List(ctx context.Context, skus, codes []string, at time.Time) (list pricelist.List, err error) {
	batch := &pgx.Batch{}
	batch.Queue(prices, storable(skus)).Query(func(rows pgx.Rows) (err error) {
		list.Prices, err = collectPrices(rows)
		return err
	})
	batch.Queue(tierDiscounts).Query(func(rows pgx.Rows) (err error) {
		list.Tiers, err = collectTiers(rows)
		return err
	})
	batch.Queue(promotions, storable(codes)).Query(func(rows pgx.Rows) (err error) {
		list.Promotions, err = collectRunning(rows, at)
		return err
	})
	if err := d.SendBatch(ctx, batch).Close(); err != nil {
		return pricelist.List{}, fmt.Errorf("read price list: %w", err)
	}
	return list, nil
}

func collectRunning(rows pgx.Rows, at time.Time) (map[string]pricelist.Promotion, error) {
	found, err := pgx.CollectRows(rows, pgx.RowToStructByPos[pricelist.Promotion])
	if err != nil {
		return nil, fmt.Errorf("read promotions: %w", err)
	}
	running := make(map[string]pricelist.Promotion, len(found))
	for _, p := range found {
		if p.Running(at) {
			running[p.Code] = p
		}
	}
	return running, nil
}

// storable leaves out texts that PostgreSQL cannot hold, which are therefore not there.
func storable(texts []string) []string {
	return slices.DeleteFunc(slices.Clone(texts), func(text string) bool { return strings.ContainsRune(text, 0) })
}
