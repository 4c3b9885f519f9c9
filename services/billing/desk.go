package billing

import (
	"context"

	"github.com/jackc/pgx/v5"

	"quadrille.dev/platform/audit"
	"quadrille.dev/services/billing/internal/app"
)

// desk is where operators act on calls.
type desk struct{ calls *calls }

// Act runs what an operator does in a transaction. If it changed anything, the entry goes into the audit in the same one, and calls
// that are due after it are made at once.
func (d desk) Act(ctx context.Context, entry audit.Entry, do func(app.Store) (bool, error)) error {
	return d.calls.db.InTx(ctx, func(tx pgx.Tx) error {
		changed, err := do(d.calls.bind(tx))
		if err != nil || !changed {
			return err
		}
		d.calls.db.OnCommit(tx, d.calls.again.Wake)
		return audit.Record(ctx, tx, "billing", entry)
	})
}
