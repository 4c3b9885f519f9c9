package ordering

import (
	"context"

	"github.com/jackc/pgx/v5"

	"quadrille.dev/platform/serve"
	"quadrille.dev/services/ordering/internal/acl"
	"quadrille.dev/services/ordering/internal/app"
	"quadrille.dev/services/ordering/internal/postgres"
)

// recall takes up what was told before the database was restored from a backup, before a deadline or a fact leads to another decision.
// Numbers of orders that were told are not given out again.
func recall(ctx context.Context, host *serve.Host, books *postgres.Books) error {
	err := serve.Recall(ctx, host, acl.Recalled(), func(tx pgx.Tx) app.Store { return postgres.New(tx, acl.Published) })
	if err != nil {
		return err
	}
	return books.SkipNumbers(ctx)
}
