package inbox

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// Delivery is what became of a message.
type Delivery struct {
	ID uuid.UUID
	// State is HANDLED, or RETRYING, PARKED or BEHIND as long as the message waits; UNKNOWN of what has not come yet, or was handled so
	// long ago that it is forgotten.
	State string
	// Attempts includes the last; zero if there were none, or it is not known how many.
	Attempts int
	// At is when it was handled, or failed last; zero if it did neither.
	At time.Time
	// Error is why it failed last, and was set aside or discarded; empty of what was handled.
	Error string
}

// Deliveries answers what became of messages, in the order asked for. What was discarded counts as handled, and has an error.
func (p *Parking) Deliveries(ctx context.Context, ids []uuid.UUID) ([]Delivery, error) {
	rows, err := p.db.Query(ctx, `
		SELECT asked.id, CASE WHEN w.state IS NOT NULL THEN w.state WHEN i.handled_at IS NOT NULL THEN 'HANDLED' ELSE 'UNKNOWN' END,
		       CASE WHEN w.state IS NOT NULL THEN w.attempts WHEN i.handled_at IS NOT NULL THEN coalesce(i.attempts, 1) ELSE 0 END,
		       CASE WHEN w.state IS NOT NULL THEN w.last_failed_at ELSE i.handled_at END,
		       coalesce(w.error, discarded.error, '')
		FROM unnest($2::uuid[]) WITH ORDINALITY AS asked (id, place)
		LEFT JOIN waiting w ON w.consumer = $1 AND w.message_id = asked.id
		LEFT JOIN inbox i ON i.consumer = $1 AND i.message_id = asked.id
		LEFT JOIN LATERAL (
			SELECT error FROM interventions
			WHERE consumer = $1 AND message_id = i.message_id AND after IS NULL ORDER BY at DESC LIMIT 1) discarded ON true
		ORDER BY place`, p.consumer, ids)
	if err != nil {
		return nil, fmt.Errorf("read deliveries: %w", err)
	}
	deliveries, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (delivery Delivery, err error) {
		var at *time.Time
		err = row.Scan(&delivery.ID, &delivery.State, &delivery.Attempts, &at, &delivery.Error)
		if at != nil {
			delivery.At = *at
		}
		return delivery, err
	})
	if err != nil {
		return nil, fmt.Errorf("read deliveries: %w", err)
	}
	return deliveries, nil
}
