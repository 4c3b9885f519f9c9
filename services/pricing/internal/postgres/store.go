// Package postgres is pricing's store on PostgreSQL.
package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"quadrille.dev/platform/event"
	"quadrille.dev/platform/outbox"
	"quadrille.dev/services/pricing/internal/pricelist"
)

// Publish puts a change, the last of price, into the words that other contexts know.
type Publish func(price pricelist.Price, changed pricelist.Changed) event.Fact

// Store is pricing's state within one transaction.
type Store struct {
	tx      pgx.Tx
	publish Publish
	// changed is set when anything was written that lasts.
	changed bool
}

// Price loads or makes the price of a SKU, and locks it.
func (s *Store) Price(ctx context.Context, sku string) (price pricelist.Price, err error) {
	batch := &pgx.Batch{}
	batch.Queue(`
		INSERT INTO price (sku, minor_units, currency, changed_at, version) VALUES ($1, 0, '', 'epoch', 0)
		ON CONFLICT DO NOTHING`, sku)
	batch.Queue(`SELECT `+columns+` FROM price WHERE sku = $1 FOR UPDATE`, sku).Query(func(rows pgx.Rows) (err error) {
		price, err = pgx.CollectExactlyOneRow(rows, scan)
		return err
	})
	if err := s.tx.SendBatch(ctx, batch).Close(); err != nil {
		return pricelist.Price{}, fmt.Errorf("load price of %s: %w", sku, err)
	}
	return price, nil
}

// columns are what scan reads.
const columns = `sku, minor_units, currency, changed_at, version`

func scan(row pgx.CollectableRow) (p pricelist.Price, err error) {
	err = row.Scan(&p.SKU, &p.List.Minor, &p.List.Currency, &p.ChangedAt, &p.Version)
	return p, err
}

// TierDiscounts reads what customers of each tier get off.
func (s *Store) TierDiscounts(ctx context.Context) (pricelist.TierDiscounts, error) {
	rows, err := s.tx.Query(ctx, tierDiscounts)
	if err != nil {
		return nil, fmt.Errorf("read tier discounts: %w", err)
	}
	return collectTiers(rows)
}

const tierDiscounts = `SELECT tier, basis_points FROM tier_discount`

func collectTiers(rows pgx.Rows) (pricelist.TierDiscounts, error) {
	off := pricelist.TierDiscounts{}
	var tier string
	var points int64
	if _, err := pgx.ForEachRow(rows, []any{&tier, &points}, func() error { off[tier] = points; return nil }); err != nil {
		return nil, fmt.Errorf("read tier discounts: %w", err)
	}
	return off, nil
}

// Save stores a price and publishes its change.
func (s *Store) Save(ctx context.Context, price pricelist.Price, changed pricelist.Changed) error {
	if _, err := s.tx.Exec(ctx, `UPDATE price SET minor_units = $2, currency = $3, changed_at = $4, version = $5 WHERE sku = $1`,
		price.SKU, price.List.Minor, price.List.Currency, price.ChangedAt, price.Version); err != nil {
		return fmt.Errorf("save price of %s: %w", price.SKU, err)
	}
	s.changed = true
	return outbox.Append(ctx, s.tx, event.New(ctx, s.publish(price, changed)))
}

// AddPromotion stores a promotion, unless its code was ever used.
func (s *Store) AddPromotion(ctx context.Context, p pricelist.Promotion) (bool, error) {
	tag, err := s.tx.Exec(ctx, `
		INSERT INTO promotion (code, basis_points, starts_at, ends_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`,
		p.Code, p.BasisPoints, p.StartsAt, p.EndsAt)
	if err != nil {
		return false, fmt.Errorf("add promotion %s: %w", p.Code, err)
	}
	added := tag.RowsAffected() == 1
	s.changed = s.changed || added
	return added, nil
}
