// Package recall has a context remember what it told others, after its database was restored from a backup that was made before it did.
//
// Who restores the database puts the context's own facts since then into its table recall. Before the context does anything else it
// takes them up again, in the order in which it told them, without telling them once more. Otherwise it might decide again, and
// otherwise, what others have heard and acted upon.
package recall

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"quadrille.dev/platform/event"
	"quadrille.dev/platform/inbox"
	"quadrille.dev/platform/outbox"
	"quadrille.dev/platform/postgres"
)

// ErrTold means that recalling a fact told something new.
var ErrTold = errors.New("recalling tells nobody anything")

// lock is the advisory lock of whoever recalls.
const lock = 0x7265636c

// All takes up every fact that waits to be recalled, and answers how many there were. Routes are for the context's own facts; those
// without a route need none. A fact may have to wait for one that was told after it: it is tried again for as long as others succeed.
func All[S any](ctx context.Context, db *postgres.DB, routes inbox.Routes[S], bind func(pgx.Tx) S) (recalled int, err error) {
	conn, err := db.Acquire(ctx)
	if err != nil {
		return 0, fmt.Errorf("recall: %w", err)
	}
	defer conn.Release()
	if _, err := conn.Exec(ctx, `SELECT pg_advisory_lock($1)`, lock); err != nil {
		return 0, fmt.Errorf("recall: %w", err)
	}
	defer func() { _ = conn.Conn().Close(context.WithoutCancel(ctx)) }() // and with it the lock
	for {
		done, left, failure, err := pass(ctx, db, routes, bind)
		recalled += done
		switch {
		case err != nil:
			return recalled, fmt.Errorf("recall: %w", err)
		case left == 0:
			return recalled, nil
		case done == 0:
			return recalled, fmt.Errorf("recall: %d facts are left: %w", left, failure)
		}
	}
}

// pass tries each fact once. failure is that of the first fact left.
func pass[S any](
	ctx context.Context, db *postgres.DB, routes inbox.Routes[S], bind func(pgx.Tx) S,
) (done, left int, failure, err error) {
	rows, err := db.Query(ctx, `SELECT position FROM recall ORDER BY position`)
	if err != nil {
		return 0, 0, nil, err
	}
	positions, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		return 0, 0, nil, err
	}
	for _, position := range positions {
		if ctx.Err() != nil {
			return done, left, failure, ctx.Err()
		}
		if failed := one(ctx, db, position, routes, bind); failed != nil {
			if left++; failure == nil {
				failure = failed
			}
			continue
		}
		done++
	}
	return done, left, failure, nil
}

func one[S any](ctx context.Context, db *postgres.DB, position int64, routes inbox.Routes[S], bind func(pgx.Tx) S) error {
	return db.InTx(ctx, func(tx pgx.Tx) error {
		var body []byte
		if err := tx.QueryRow(ctx, `DELETE FROM recall WHERE position = $1 RETURNING envelope`, position).Scan(&body); err != nil {
			return err
		}
		fact, err := event.Decode(body)
		if err != nil {
			return err
		}
		var before, after int64
		const told = `SELECT coalesce(max(position), 0) FROM outbox`
		if err := tx.QueryRow(ctx, told).Scan(&before); err != nil {
			return err
		}
		err = routes.Handle(outbox.Mute(ctx), bind(tx), fact, fact.Time)
		var unknown *inbox.UnknownTypeError
		if err != nil && !errors.As(err, &unknown) {
			return fmt.Errorf("%s %s: %w", fact.Name(), fact.ID, err)
		}
		if err := tx.QueryRow(ctx, told).Scan(&after); err != nil {
			return err
		}
		if after != before {
			return fmt.Errorf("%s %s: %w", fact.Name(), fact.ID, ErrTold)
		}
		return nil
	})
}
