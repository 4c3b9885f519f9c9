package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"quadrille.dev/platform/event"
	"quadrille.dev/platform/outbox"

	"quadrille.dev/services/chronicle/internal/app"
	"quadrille.dev/services/chronicle/internal/saga"
)

// Watch is the app.Watch within tx.
type Watch struct {
	tx        pgx.Tx
	processes map[string]*saga.Process
	publish   func(app.Silence, time.Time) event.Fact
}

// NewWatch makes the watch of a transaction, over sagas of processes, which are given by kind. What it tells, publish puts into
// public words.
func NewWatch(tx pgx.Tx, processes map[string]*saga.Process, publish func(app.Silence, time.Time) event.Fact) *Watch {
	return &Watch{tx, processes, publish}
}

// Silences answers and locks sagas of whose silence is to be told.
func (w *Watch) Silences(ctx context.Context, since time.Time, limit int) ([]app.Silence, error) {
	rows, err := w.tx.Query(ctx, `
		SELECT `+sagaColumns+`, silences + 1 FROM sagas
		WHERE state IN ('RUNNING', 'COMPENSATING') AND last_fact_at < $1 AND told_silent IS DISTINCT FROM last_fact_at
		ORDER BY last_fact_at LIMIT $2 FOR UPDATE SKIP LOCKED`, since, limit)
	if err != nil {
		return nil, fmt.Errorf("find silent sagas: %w", err)
	}
	silences, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (app.Silence, error) {
		var number int64
		s, err := scanSaga(w.processes, &number)(row)
		return app.Silence{Saga: s, Number: number}, err
	})
	if err != nil {
		return nil, fmt.Errorf("find silent sagas: %w", err)
	}
	return silences, nil
}

// Tell publishes that a saga is silent.
func (w *Watch) Tell(ctx context.Context, silence app.Silence, at time.Time) error {
	_, err := w.tx.Exec(ctx, `UPDATE sagas SET silences = $2, told_silent = last_fact_at WHERE id = $1`, silence.Saga.ID, silence.Number)
	if err != nil {
		return fmt.Errorf("note the silence of saga %s: %w", silence.Saga.ID, err)
	}
	return outbox.Append(ctx, w.tx, event.New(ctx, w.publish(silence, at)))
}
