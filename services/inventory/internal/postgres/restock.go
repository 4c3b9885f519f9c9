package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"quadrille.dev/platform/event"
	"quadrille.dev/platform/outbox"
	"quadrille.dev/services/inventory/internal/restock"
	"quadrille.dev/services/inventory/internal/stock"
)

// Levels locks the stock of SKUs and tells how they are counted.
func (s *Store) Levels(ctx context.Context, skus []string) (map[string]stock.Level, error) {
	rows, err := s.tx.Query(ctx, `
		SELECT sku, on_hand, reserved, deducted, received, version FROM stock WHERE sku = ANY ($1) ORDER BY sku FOR UPDATE`, skus)
	if err != nil {
		return nil, fmt.Errorf("lock levels: %w", err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByPos[stock.Level])
	if err != nil {
		return nil, fmt.Errorf("lock levels: %w", err)
	}
	levels := make(map[string]stock.Level, len(found))
	for _, level := range found {
		levels[level.SKU] = level
	}
	return levels, nil
}

// Restock loads or makes the restock of a return, and locks it.
func (s *Store) Restock(ctx context.Context, returnID uuid.UUID) (restock.Restock, error) {
	r := restock.New(returnID)
	batch := &pgx.Batch{}
	batch.Queue(`INSERT INTO restock (return_id, status) VALUES ($1, $2) ON CONFLICT DO NOTHING`, returnID, r.Status)
	batch.Queue(`
		SELECT coalesce(order_id, '00000000-0000-0000-0000-000000000000'), status, lines, reason, version
		FROM restock WHERE return_id = $1 FOR UPDATE`, returnID,
	).QueryRow(func(row pgx.Row) error { return row.Scan(&r.OrderID, &r.Status, &r.Lines, &r.Reason, &r.Version) })
	if err := s.tx.SendBatch(ctx, batch).Close(); err != nil {
		return restock.Restock{}, fmt.Errorf("load restock of return %s: %w", returnID, err)
	}
	return r, nil
}

// SaveRestock stores a restock, makes its movements and publishes those of its events that others hear of.
func (s *Store) SaveRestock(ctx context.Context, r restock.Restock, at time.Time, events ...restock.Event) error {
	batch := &pgx.Batch{}
	batch.Queue(`
		UPDATE restock SET order_id = nullif($2, '00000000-0000-0000-0000-000000000000'::uuid), status = $3, lines = $4, reason = $5,
			version = $6, changed_at = $7
		WHERE return_id = $1`, r.ReturnID, r.OrderID, r.Status, append([]stock.Line{}, r.Lines...), r.Reason, r.Version, at)
	for _, e := range events {
		if movement, lines := e.Movement(); len(lines) > 0 {
			s.move(batch, mover{orderID: r.OrderID, returnID: r.ReturnID}, movement, lines, at)
		}
	}
	if err := s.tx.SendBatch(ctx, batch).Close(); err != nil {
		return fmt.Errorf("save restock of return %s: %w", r.ReturnID, err)
	}
	var facts []event.Envelope
	for _, fact := range s.database.Language.Restock(r, at, events) {
		facts = append(facts, event.New(ctx, fact))
	}
	if len(facts) == 0 {
		return nil
	}
	return outbox.Append(ctx, s.tx, facts...)
}
