package bench

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"quadrille.dev/platform/testkit"
)

// shared places orders in a database that belongs to everybody: one transaction over the tables of pricing, inventory, billing and ordering,
// which charges while it holds the shelf. It is what the product is compared with, and no part of it: there no role can connect to
// another context's database.
type shared struct {
	url     string
	tables  *pgxpool.Pool
	client  *http.Client
	payment string
}

func newShared(b *testing.B, client *http.Client, payment string) *shared {
	b.Helper()
	url := testkit.Postgres(b)
	pool, err := pgxpool.New(b.Context(), url)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(pool.Close)
	_, err = pool.Exec(b.Context(), `
		CREATE TABLE price (sku text PRIMARY KEY, amount bigint NOT NULL);
		CREATE TABLE shelf (sku text PRIMARY KEY, free bigint NOT NULL CHECK (free >= 0));
		CREATE TABLE payment (order_id uuid PRIMARY KEY, amount bigint NOT NULL);
		CREATE TABLE saved (id uuid PRIMARY KEY, sku text NOT NULL, total bigint NOT NULL);
		INSERT INTO price VALUES ('BENCH-1', 250);
		INSERT INTO shelf VALUES ('BENCH-1', 1000000)`)
	if err != nil {
		b.Fatal(err)
	}
	return &shared{url: url, tables: pool, client: client, payment: payment}
}

// place places one order, or tells why it could not.
func (s *shared) place(ctx context.Context, sku string) error {
	return pgx.BeginFunc(ctx, s.tables, func(tx pgx.Tx) error {
		var total int64
		if err := tx.QueryRow(ctx, `SELECT amount FROM price WHERE sku = $1`, sku).Scan(&total); err != nil {
			return fmt.Errorf("price: %w", err)
		}
		reserved, err := tx.Exec(ctx, `UPDATE shelf SET free = free - 1 WHERE sku = $1 AND free > 0`, sku)
		switch {
		case err != nil:
			return fmt.Errorf("reserve: %w", err)
		case reserved.RowsAffected() != 1:
			return errors.New("out of stock")
		}
		id := uuid.New()
		if err := ask(ctx, s.client, s.payment+"/v1/payment_intents", id, charge(id, total)); err != nil {
			return fmt.Errorf("charge: %w", err)
		}
		if _, err := tx.Exec(ctx, `INSERT INTO payment VALUES ($1, $2)`, id, total); err != nil {
			return fmt.Errorf("note payment: %w", err)
		}
		if _, err := tx.Exec(ctx, `INSERT INTO saved VALUES ($1, $2, $3)`, id, sku, total); err != nil {
			return fmt.Errorf("save: %w", err)
		}
		return nil
	})
}
