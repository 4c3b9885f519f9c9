package billing

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"quadrille.dev/platform/serve"
	"quadrille.dev/services/billing/internal/acl"
	"quadrille.dev/services/billing/internal/app"
)

// together is how many calls are doubted in one transaction.
const together = 100

// recall takes up what was told before the database was restored from a backup. What it had then intended to ask of the provider may have been
// asked since, and been forgotten.
func (c *calls) recall(ctx context.Context, host *serve.Host) error {
	if err := serve.Recall(ctx, host, acl.Recalled(), c.bind); err != nil {
		return err
	}
	if !host.DoubtsBegin() {
		return nil
	}
	for _, doubt := range []func(context.Context, app.Store, time.Time, int) (int, error){app.Doubt, app.DoubtRefunds} {
		for found := together; found > 0; {
			err := c.db.InTx(ctx, func(tx pgx.Tx) (err error) {
				found, err = doubt(ctx, c.bind(tx), time.Now(), together)
				return err
			})
			if err != nil {
				return err
			}
		}
	}
	return nil
}
