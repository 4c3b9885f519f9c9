package outbox

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"quadrille.dev/platform/postgres"
)

// epochs are the epochs of databases that facts were appended to. One begins while no program works on the database, so that it
// holds for as long as this process does.
var epochs sync.Map

func epochOf(ctx context.Context, tx pgx.Tx) (epoch int64, err error) {
	config := tx.Conn().Config()
	database := fmt.Sprintf("%s:%d/%s", config.Host, config.Port, config.Database)
	if known, ok := epochs.Load(database); ok {
		return known.(int64), nil
	}
	if err := tx.QueryRow(ctx, `SELECT number FROM epoch`).Scan(&epoch); err != nil {
		return 0, fmt.Errorf("read epoch: %w", err)
	}
	epochs.Store(database, epoch)
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
