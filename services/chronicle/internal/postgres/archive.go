package postgres

import (
	"context"
	"fmt"
	"slices"
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
		AND ($3::uuid IS NULL OR customer_id = $3) AND ($4::text IS NULL OR kind = $4)
		AND ($5::text IS NULL OR id IN (SELECT saga_id FROM saga_skus WHERE sku = $5))
		AND ($6::timestamptz IS NULL OR CASE
			WHEN state IN ('RUNNING', 'COMPENSATING') AND (stalled OR last_fact_at < $6) THEN $7
			ELSE state = ANY ($8::text[]) END)`

// Search answers a page of the sagas that match, and how many there are in all.
func (a *Archive) Search(ctx context.Context, query app.Query, page app.Page) ([]saga.Saga, int, error) {
	kept := query.States
	if query.Stuck {
		kept = append(slices.Clone(kept), saga.Running, saga.Compensating)
	}
	args := []any{
		kept, optional(query.OrderNumber), optional(query.Customer), optional(query.Kind), optional(query.SKU),
		optional(query.StuckSince), query.Stuck, query.States,
	}
	var total int
	batch := &pgx.Batch{}
	batch.Queue(`SELECT count(*)`+matching, args...).QueryRow(func(row pgx.Row) error { return row.Scan(&total) })
	var sagas []saga.Saga
	batch.Queue(`
		SELECT `+sagaColumns+matching+` AND ($9::timestamptz IS NULL OR (started_at, id) < ($9, $10::text COLLATE "C"))
		ORDER BY started_at DESC, id DESC LIMIT $11`,
		append(args, optional(page.After.At), page.After.ID, page.First)...,
	).Query(func(rows pgx.Rows) (err error) {
		sagas, err = pgx.CollectRows(rows, scanSaga(a.processes))
		return err
	})
	if err := a.pool.SendBatch(ctx, plannedAnew(batch)).Close(); err != nil {
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
		SELECT id, name, context, correlation_id, causation_id, occurred_at, sequence, recorded_at, envelope FROM facts WHERE `+which, args...)
	if err != nil {
		return nil, fmt.Errorf("read facts: %w", err)
	}
	facts, err := pgx.CollectRows(rows, pgx.RowToStructByPos[app.Recorded])
	if err != nil {
		return nil, fmt.Errorf("read facts: %w", err)
	}
	return facts, nil
}

// SKUs answers those of the lines of what sagas are about, by saga.
func (a *Archive) SKUs(ctx context.Context, sagas []string) (map[string][]string, error) {
	skus := map[string][]string{}
	rows, err := a.pool.Query(ctx, `SELECT saga_id, sku FROM saga_skus WHERE saga_id = ANY ($1) ORDER BY saga_id, sku`, sagas)
	if err != nil {
		return nil, fmt.Errorf("read SKUs of sagas: %w", err)
	}
	var id, sku string
	_, err = pgx.ForEachRow(rows, []any{&id, &sku}, func() error {
		skus[id] = append(skus[id], sku)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read SKUs of sagas: %w", err)
	}
	return skus, nil
}

// Counts answers how many facts of each name were recorded since a moment.
func (a *Archive) Counts(ctx context.Context, since time.Time) (map[string]int64, error) {
	counts := map[string]int64{}
	rows, err := a.pool.Query(ctx, `SELECT name, count(*) FROM facts WHERE recorded_at >= $1 GROUP BY name`, since)
	if err != nil {
		return nil, fmt.Errorf("count facts: %w", err)
	}
	var (
		name  string
		count int64
	)
	_, err = pgx.ForEachRow(rows, []any{&name, &count}, func() error {
		counts[name] = count
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("count facts: %w", err)
	}
	return counts, nil
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
	if err := a.pool.SendBatch(ctx, plannedAnew(batch)).Close(); err != nil {
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
