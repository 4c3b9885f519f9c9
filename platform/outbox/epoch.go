package outbox

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"quadrille.dev/platform/postgres"
)

// epochKey is under what a connection keeps the epoch of its database. One begins while no program works on the database, so that it
// holds for as long as the connection does.
const epochKey = "quadrille.dev/platform/outbox epoch"

func epochOf(ctx context.Context, tx pgx.Tx) (int64, error) {
	kept := tx.Conn().PgConn().CustomData()
	if epoch, known := kept[epochKey].(int64); known {
		return epoch, nil
	}
	var epoch int64
	if err := tx.QueryRow(ctx, `SELECT number FROM epoch`).Scan(&epoch); err != nil {
		return 0, fmt.Errorf("read epoch: %w", err)
	}
	kept[epochKey] = epoch
	return epoch, nil
}

// Restored is when the database was last restored from a backup; long ago if it never was.
func Restored(ctx context.Context, db *postgres.DB) (at time.Time, err error) {
	if err := db.QueryRow(ctx, `SELECT began_at FROM epoch`).Scan(&at); err != nil {
		return time.Time{}, fmt.Errorf("read epoch: %w", err)
	}
	return at, nil
}

type muteKey struct{}

// Mute makes Append under the returned context do nothing: what is done under it has been told before.
func Mute(ctx context.Context) context.Context { return context.WithValue(ctx, muteKey{}, true) }

func muted(ctx context.Context) bool { return ctx.Value(muteKey{}) != nil }
