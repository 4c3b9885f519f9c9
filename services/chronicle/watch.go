package chronicle

import (
	"context"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"

	"quadrille.dev/platform/postgres"

	"quadrille.dev/services/chronicle/internal/acl"
	"quadrille.dev/services/chronicle/internal/app"
	store "quadrille.dev/services/chronicle/internal/postgres"
)

// batch bounds the sagas that are told of in one transaction.
const batch = 100

// longestWait bounds how long nobody looks.
const longestWait = 5 * time.Second

// watch tells of sagas that are silent. Silences are rows, so that several instances share them, and each is told of once.
type watch struct {
	db    *postgres.DB
	log   *slog.Logger
	after time.Duration
}

// run works until ctx ends. It begins when facts that are older could have been heard: of what happened while nobody listened,
// nobody knows yet whether it was silence. What fails is logged and tried again.
func (w *watch) run(ctx context.Context) error {
	wait := w.after
	for {
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return nil
		case <-timer.C:
		}
		if err := w.once(ctx, time.Now()); err != nil && ctx.Err() == nil {
			w.log.WarnContext(ctx, "silent sagas could not be told of", "error", err)
		}
		wait = min(w.after/4, longestWait)
	}
}

// once tells of all sagas that have been silent for too long at a time.
func (w *watch) once(ctx context.Context, at time.Time) error {
	for told := batch; told == batch; {
		var silences []app.Silence
		err := w.db.InTx(ctx, func(tx pgx.Tx) (err error) {
			silences, err = app.Alarm(ctx, store.NewWatch(tx, acl.Processes(), acl.Stuck), at.Add(-w.after), at, batch)
			return err
		})
		if err != nil {
			return err
		}
		for _, silence := range silences {
			view := silence.Saga.View()
			w.log.WarnContext(ctx, "a saga is stuck", "saga", silence.Saga.ID, "kind", silence.Saga.Process.Kind,
				"waitingFor", view.WaitingFor, "nextAction", view.NextAction, "silentSince", silence.Saga.LastFactAt)
		}
		told = len(silences)
	}
	return nil
}
