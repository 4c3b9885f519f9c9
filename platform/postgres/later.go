package postgres

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// Later has what is queued be done in tx, in its place: before whatever is asked of tx next, in the same round trip, and before the commit
// at the latest. It fails the transaction if it fails, with an error that says what was to be done: "save order 1". Outside of InTx it is
// done at once.
func Later(ctx context.Context, tx pgx.Tx, act string, batch *pgx.Batch) error {
	for _, query := range batch.QueuedQueries {
		query.Fn = named(act, query.Fn)
	}
	if t, may := tx.(interface{ add(...*pgx.QueuedQuery) }); may {
		t.add(batch.QueuedQueries...)
		return nil
	}
	return tx.SendBatch(ctx, batch).Close()
}

// Now has done what was to be done later.
func Now(ctx context.Context, tx pgx.Tx) error {
	if t, may := tx.(interface{ flush(context.Context) error }); may {
		return t.flush(ctx)
	}
	return nil
}

// named is what takes the result of a query, whose error says what was done.
func named(act string, take func(pgx.BatchResults) error) func(pgx.BatchResults) error {
	return func(results pgx.BatchResults) (err error) {
		if take == nil {
			_, err = results.Exec()
		} else {
			err = take(results)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", act, err)
		}
		return nil
	}
}
