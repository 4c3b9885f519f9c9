package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"quadrille.dev/platform/money"
	"quadrille.dev/services/ordering/internal/app"
	"quadrille.dev/services/ordering/internal/order"
	"quadrille.dev/services/ordering/internal/quote"
)

// KeepProduct remembers that a product exists, or that it is retired.
func (s *Store) KeepProduct(ctx context.Context, product app.Product) error {
	_, err := s.tx.Exec(ctx, `
		INSERT INTO products AS known (product_id, sku, retired) VALUES ($1, $2, $3)
		ON CONFLICT (product_id) DO UPDATE SET retired = true WHERE EXCLUDED.retired AND NOT known.retired`,
		product.ID, product.SKU, product.Retired)
	return err
}

// KeepPrice remembers the price with the highest sequence.
func (s *Store) KeepPrice(ctx context.Context, price quote.Price) error {
	_, err := s.tx.Exec(ctx, `
		INSERT INTO prices AS known (sku, minor_units, currency, discounts, sequence) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (sku) DO UPDATE SET minor_units = EXCLUDED.minor_units, currency = EXCLUDED.currency,
			discounts = EXCLUDED.discounts, sequence = EXCLUDED.sequence
		WHERE known.sequence < EXCLUDED.sequence`,
		price.SKU, price.List.Minor, price.List.Currency, price.Discounts, price.Sequence)
	return err
}

// KeepTier remembers the tier with the highest sequence.
func (s *Store) KeepTier(ctx context.Context, tier app.CustomerTier) error {
	_, err := s.tx.Exec(ctx, `
		INSERT INTO customers AS known (customer_id, tier, sequence) VALUES ($1, $2, $3)
		ON CONFLICT (customer_id) DO UPDATE SET tier = EXCLUDED.tier, sequence = EXCLUDED.sequence
		WHERE known.sequence < EXCLUDED.sequence`,
		tier.Customer.UUID, tier.Tier, tier.Sequence)
	return err
}

// HeardPricing writes only now and then, so that the one row is not fought over.
func (r Reader) HeardPricing(ctx context.Context, at time.Time) error {
	_, err := r.q.Exec(ctx, `UPDATE pricing_heard SET at = $1 WHERE at < $1::timestamptz - interval '10 seconds'`, at)
	return err
}

// Known reads all that is known for pricing at once.
func (r Reader) Known(ctx context.Context, customer order.CustomerID, skus []string) (app.Known, error) {
	batch := &pgx.Batch{}
	known := findKnown(batch, customer, skus)
	if err := r.q.SendBatch(ctx, batch).Close(); err != nil {
		return app.Known{}, fmt.Errorf("read replicas: %w", err)
	}
	return *known, nil
}

// findKnown queues what finds out what is known for pricing.
func findKnown(batch *pgx.Batch, customer order.CustomerID, skus []string) *app.Known {
	known := &app.Known{Tier: quote.Standard, OnSale: map[string]bool{}, Prices: map[string]quote.Price{}}
	batch.Queue(`
		SELECT at, customer_id IS NOT NULL, coalesce(tier, $2), coalesce(erased, false) FROM pricing_heard LEFT JOIN customers ON customer_id = $1`,
		customer.UUID, known.Tier).QueryRow(func(row pgx.Row) error {
		err := row.Scan(&known.PricingHeard, &known.Heard, &known.Tier, &known.Erased)
		known.PricingHeard = known.PricingHeard.UTC()
		return err
	})
	batch.Queue(`SELECT sku, bool_or(NOT retired) FROM products WHERE sku = ANY($1) GROUP BY sku`, skus).Query(func(rows pgx.Rows) error {
		var (
			sku    string
			onSale bool
		)
		_, err := pgx.ForEachRow(rows, []any{&sku, &onSale}, func() error { known.OnSale[sku] = onSale; return nil })
		return err
	})
	batch.Queue(`SELECT sku, minor_units, currency, discounts, sequence FROM prices WHERE sku = ANY($1)`, skus).Query(func(rows pgx.Rows) error {
		prices, err := pgx.CollectRows(rows, scanPrice)
		for _, price := range prices {
			known.Prices[price.SKU] = price
		}
		return err
	})
	return known
}

func scanPrice(row pgx.CollectableRow) (quote.Price, error) {
	var (
		price quote.Price
		list  money.Money
	)
	err := row.Scan(&price.SKU, &list.Minor, &list.Currency, &price.Discounts, &price.Sequence)
	price.List = list
	return price, err
}
