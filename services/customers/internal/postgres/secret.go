package postgres

import (
	"context"
	"crypto/rand"
	"fmt"

	"github.com/jackc/pgx/v5/pgconn"
)

// Secrets is where secrets are kept, a pool or a transaction.
type Secrets interface {
	Querier
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
}

// Secret answers a secret of so many random bytes: the same to all who share the database, now and after a restart.
func Secret(ctx context.Context, db Secrets, name string, size int) ([]byte, error) {
	value := make([]byte, size)
	_, _ = rand.Read(value) // never fails
	_, err := db.Exec(ctx, `INSERT INTO secret (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING`, name, value)
	if err != nil {
		return nil, fmt.Errorf("make secret %s: %w", name, err)
	}
	if err := db.QueryRow(ctx, `SELECT value FROM secret WHERE name = $1`, name).Scan(&value); err != nil {
		return nil, fmt.Errorf("read secret %s: %w", name, err)
	}
	return value, nil
}
