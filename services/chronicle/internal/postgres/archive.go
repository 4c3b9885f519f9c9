package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"quadrille.dev/services/chronicle/internal/app"
	"quadrille.dev/services/chronicle/internal/saga"
)

// Archive is the app.Archive of a database.
type Archive struct {
	pool      *pgxpool.Pool
	processes map[string]*saga.Process
}

// NewArchive reads sagas of processes, which are given by kind.
func NewArchive(pool *pgxpool.Pool, processes map[string]*saga.Process) *Archive {
	return &Archive{pool, processes}
}

// Sagas answers those that exist, in the order asked for.
func (a *Archive) Sagas(ctx context.Context, ids []string) ([]saga.Saga, error) {
	rows, err := a.pool.Query(ctx, `
		SELECT `+sagaColumns+` FROM sagas JOIN unnest($1::text[]) WITH ORDINALITY AS asked (id, position) USING (id)
		ORDER BY position`, ids)
	if err != nil {
		return nil, fmt.Errorf("read sagas: %w", err)
	}
	sagas, err := pgx.CollectRows(rows, scanSaga(a.processes))
	if err != nil {
		return nil, fmt.Errorf("read sagas: %w", err)
	}
	return sagas, nil
}

const matching = `
	FROM sagas
	WHERE ($1::text[] IS NULL OR state = ANY ($1)) AND ($2::text IS NULL OR order_number = $2)
		AND ($3::uuid IS NULL OR customer_id = $3) AND ($4::timestamptz IS NULL OR stalled OR last_fact_at < $4)
		AND ($5::timestamptz IS NULL OR NOT stalled AND last_fact_at >= $5) AND ($6::text IS NULL OR kind = $6)`

// Search answers a page of the sagas that match, and how many there are in all.
func (a *Archive) Search(ctx context.Context, query app.Query, page app.Page) ([]saga.Saga, int, error) {
	args := []any{
		query.States, optional(query.OrderNumber), optional(query.Customer), optional(query.StuckSince), optional(query.MovedSince),
		optional(query.Kind),
	}
	var total int
	batch := &pgx.Batch{}
	batch.Queue(`SELECT count(*)`+matching, args...).QueryRow(func(row pgx.Row) error { return row.Scan(&total) })
	var sagas []saga.Saga
	batch.Queue(`
		SELECT `+sagaColumns+matching+` AND ($7::timestamptz IS NULL OR (started_at, id) < ($7, $8::text COLLATE "C"))
		ORDER BY started_at DESC, id DESC LIMIT $9`,
		append(args, optional(page.After.At), page.After.ID, page.First)...,
	).Query(func(rows pgx.Rows) (err error) {
		sagas, err = pgx.CollectRows(rows, scanSaga(a.processes))
		return err
	})
	if err := a.pool.SendBatch(ctx, batch).Close(); err != nil {
		return nil, 0, fmt.Errorf("search sagas: %w", err)
	}
	return sagas, total, nil
}

// Census counts the sagas that are not at rest. Those are stuck that have heard nothing since a moment or of a step that has stalled.
func (a *Archive) Census(ctx context.Context, stuckSince time.Time) (app.Census, error) {
	var census app.Census
	err := a.pool.QueryRow(ctx, `
		SELECT count(*) FILTER (WHERE state = 'RUNNING' AND NOT stuck), count(*) FILTER (WHERE state = 'COMPENSATING' AND NOT stuck),
			count(*) FILTER (WHERE stuck), (SELECT count(*) FROM sagas WHERE state = 'NEEDS_OPERATOR')
		FROM (SELECT state, stalled OR last_fact_at < $1 AS stuck FROM sagas WHERE state IN ('RUNNING', 'COMPENSATING')) moving`,
		stuckSince).Scan(&census.Running, &census.Compensating, &census.Stuck, &census.NeedsOperator)
	if err != nil {
		return app.Census{}, fmt.Errorf("count sagas: %w", err)
	}
	return census, nil
}

// Facts answers facts of sagas, by saga, in the order in which they were numbered.
func (a *Archive) Facts(ctx context.Context, sagas []string, after int64, first int) (map[string][]app.Recorded, error) {
	recorded, err := a.recorded(ctx, `correlation_id = ANY ($1) AND sequence > $2 AND sequence <= $3 ORDER BY correlation_id, sequence`,
		sagas, after, after+int64(first))
	facts := map[string][]app.Recorded{}
	for _, fact := range recorded {
		facts[fact.CorrelationID] = append(facts[fact.CorrelationID], fact)
	}
	return facts, err
}

// FactsByID answers facts of any saga, those that exist.
func (a *Archive) FactsByID(ctx context.Context, ids []uuid.UUID) ([]app.Recorded, error) {
	return a.recorded(ctx, `id = ANY ($1) AND sequence IS NOT NULL`, ids)
}

func (a *Archive) recorded(ctx context.Context, which string, args ...any) ([]app.Recorded, error) {
	rows, err := a.pool.Query(ctx, `
		SELECT id, name, context, correlation_id, causation_id, occurred_at, sequence, envelope FROM facts WHERE `+which, args...)
	if err != nil {
		return nil, fmt.Errorf("read facts: %w", err)
	}
	facts, err := pgx.CollectRows(rows, pgx.RowToStructByPos[app.Recorded])
	if err != nil {
		return nil, fmt.Errorf("read facts: %w", err)
	}
	return facts, nil
}

// Audit answers a page of what operators did, and how much there is in all. With ids it is of these alone.
func (a *Archive) Audit(ctx context.Context, ids []uuid.UUID, page app.Page) (log []app.Acted, total int, err error) {
	batch := &pgx.Batch{}
	batch.Queue(`SELECT count(*) FROM actions WHERE $1::uuid[] IS NULL OR fact_id = ANY ($1)`, ids).
		QueryRow(func(row pgx.Row) error { return row.Scan(&total) })
	batch.Queue(`
		SELECT fact_id, at, context, actor, action, target, detail FROM actions
		WHERE ($1::timestamptz IS NULL OR (at, fact_id) < ($1, $2::uuid)) AND ($4::uuid[] IS NULL OR fact_id = ANY ($4))
		ORDER BY at DESC, fact_id DESC LIMIT $3`, optional(page.After.At), optional(page.After.ID), page.First, ids,
	).Query(func(rows pgx.Rows) (err error) {
		log, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (done app.Acted, err error) {
			err = row.Scan(&done.ID, &done.At, &done.Context, &done.Actor, &done.Action.Action, &done.Target, &done.Detail)
			return done, err
		})
		return err
	})
	if err := a.pool.SendBatch(ctx, batch).Close(); err != nil {
		return nil, 0, fmt.Errorf("read audit log: %w", err)
	}
	return log, total, nil
}

// Read answers facts in the order of arrival.
func (a *Archive) Read(ctx context.Context, which app.Which, after int64, first int) ([]app.Arrived, error) {
	rows, err := a.pool.Query(ctx, `
		SELECT arrival, envelope FROM facts
		WHERE arrival > $1 AND name = ANY ($2) AND occurred_at >= $3 AND ($4::timestamptz IS NULL OR occurred_at < $4)
		ORDER BY arrival LIMIT $5`, after, which.Names, which.From, optional(which.To), first)
	if err != nil {
		return nil, fmt.Errorf("read facts: %w", err)
	}
	facts, err := pgx.CollectRows(rows, pgx.RowToStructByPos[app.Arrived])
	if err != nil {
		return nil, fmt.Errorf("read facts: %w", err)
	}
	return facts, nil
}
