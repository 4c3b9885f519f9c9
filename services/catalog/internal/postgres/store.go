// Package postgres is catalog's store on PostgreSQL.
package postgres

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"quadrille.dev/platform/event"
	"quadrille.dev/platform/outbox"
	"quadrille.dev/services/catalog/internal/app"
	"quadrille.dev/services/catalog/internal/product"
)

// Publish puts an event, the last of p, into the words that other contexts know.
type Publish func(p product.Product, e product.Event, at time.Time) event.Fact

// Store is catalog's state within one transaction.
type Store struct {
	tx      pgx.Tx
	publish Publish
	// changed is set when anything was written.
	changed bool
}

// columns are what scan reads.
const columns = `id, sku, name, description, category, coalesce(image_url, ''), retired, version`

func scan(row pgx.CollectableRow) (p product.Product, err error) {
	err = row.Scan(&p.ID, &p.SKU, &p.Name, &p.Description, &p.Category, &p.ImageURL, &p.Retired, &p.Version)
	return p, err
}

// Product loads a product and locks it.
func (s *Store) Product(ctx context.Context, id uuid.UUID) (product.Product, error) {
	rows, err := s.tx.Query(ctx, `SELECT `+columns+` FROM product WHERE id = $1 FOR UPDATE`, id)
	if err != nil {
		return product.Product{}, fmt.Errorf("load product %s: %w", id, err)
	}
	p, err := pgx.CollectExactlyOneRow(rows, scan)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return product.Product{}, app.ErrNotFound
	case err != nil:
		return product.Product{}, fmt.Errorf("load product %s: %w", id, err)
	}
	return p, nil
}

// Add stores a new product and publishes it.
func (s *Store) Add(ctx context.Context, p product.Product, at time.Time, listed product.Event) error {
	tag, err := s.tx.Exec(ctx, `
		INSERT INTO product (id, sku, name, description, category, image_url, retired, sort_name, searched, version, changed_at)
		VALUES ($1, $2, $3, $4, $5, nullif($6, ''), $7, $8, $9, $10, $11)
		ON CONFLICT (sku) DO NOTHING`,
		p.ID, p.SKU, p.Name, p.Description, p.Category, p.ImageURL, p.Retired, sortName(p), searched(p), p.Version, at)
	switch {
	case err != nil:
		return fmt.Errorf("add product %s: %w", p.SKU, err)
	case tag.RowsAffected() == 0:
		return app.ErrSKUTaken
	}
	s.changed = true
	return outbox.Append(ctx, s.tx, event.New(ctx, s.publish(p, listed, at)))
}

// Save stores a product and publishes what happened to it, at most one event.
func (s *Store) Save(ctx context.Context, p product.Product, at time.Time, events ...product.Event) error {
	if len(events) == 0 {
		return nil
	}
	s.changed = true
	if _, err := s.tx.Exec(ctx, `
		UPDATE product SET name = $2, description = $3, category = $4, image_url = nullif($5, ''), retired = $6,
			sort_name = $7, searched = $8, version = $9, changed_at = $10
		WHERE id = $1`,
		p.ID, p.Name, p.Description, p.Category, p.ImageURL, p.Retired, sortName(p), searched(p), p.Version, at); err != nil {
		return fmt.Errorf("save product %s: %w", p.SKU, err)
	}
	for _, e := range events {
		if err := outbox.Append(ctx, s.tx, event.New(ctx, s.publish(p, e, at))); err != nil {
			return err
		}
	}
	return nil
}

func sortName(p product.Product) string { return strings.ToLower(p.Name) }

// searched parts the fields by a character that no search contains, so that no word is found across two of them.
func searched(p product.Product) string {
	return strings.ToLower(p.Name + "\n" + p.SKU + "\n" + p.Description)
}
