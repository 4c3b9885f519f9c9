package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"quadrille.dev/platform/event"
	"quadrille.dev/services/fulfillment/internal/app"
	"quadrille.dev/services/fulfillment/internal/pickup"
	"quadrille.dev/services/fulfillment/internal/shipment"
)

const pickupColumns = `return_id, order_id, version, status, called_off, arranger, canceller, number, reason, call, call_attempts, call_due_at`

func pickupFields(p *pickup.Pickup) []any {
	return []any{
		&p.Return.UUID, &p.Order.UUID, &p.Version, &p.Status, &p.CalledOff, &p.Arranger, &p.Canceller, &p.Number, &p.Reason,
		&p.Call.Operation, &p.Call.Attempts, &p.Call.DueAt,
	}
}

// Look answers the shipment of an order as it is.
func (s *Store) Look(ctx context.Context, order shipment.OrderID) (shipment.Shipment, error) {
	rows, err := s.tx.Query(ctx, `SELECT `+columns+` FROM shipments WHERE order_id = $1`, order.UUID)
	if err != nil {
		return shipment.Shipment{}, fmt.Errorf("look at shipment of %s: %w", order, err)
	}
	found, err := pgx.CollectExactlyOneRow(rows, scan)
	if errors.Is(err, pgx.ErrNoRows) {
		return shipment.New(order), nil
	}
	if err != nil {
		return shipment.Shipment{}, fmt.Errorf("look at shipment of %s: %w", order, err)
	}
	return found, nil
}

// Pickup answers and locks the pick-up of a return, which it makes if there is none.
func (s *Store) Pickup(ctx context.Context, id pickup.ReturnID) (p pickup.Pickup, err error) {
	batch := &pgx.Batch{}
	batch.Queue(`INSERT INTO pickups (return_id) VALUES ($1) ON CONFLICT DO NOTHING`, id.UUID)
	batch.Queue(`SELECT `+pickupColumns+` FROM pickups WHERE return_id = $1 FOR UPDATE`, id.UUID).
		QueryRow(func(row pgx.Row) error { return row.Scan(pickupFields(&p)...) })
	if err := s.tx.SendBatch(ctx, batch).Close(); err != nil {
		return pickup.Pickup{}, fmt.Errorf("lock pick-up of return %s: %w", id, err)
	}
	p.Call.DueAt = p.Call.DueAt.UTC()
	return p, nil
}

// SavePickup stores a pick-up, and what others hear of the events in the outbox. It keeps the origin of a call from when it is intended.
func (s *Store) SavePickup(ctx context.Context, p pickup.Pickup, at time.Time, events ...pickup.Event) error {
	waits := p.Call.Operation != pickup.NoOperation && p.Call.Attempts == 0
	var origin event.Origin
	if waits {
		origin = event.OriginOf(ctx)
		s.intended.Pickup()
	}
	_, err := s.tx.Exec(ctx, `
		UPDATE pickups SET order_id = $2, version = $3, status = $4, called_off = $5, arranger = $6, canceller = $7, number = $8,
			reason = $9, call = $10, call_attempts = $11, call_due_at = $12,
			call_causation = CASE WHEN $13 THEN $14 ELSE call_causation END,
			call_traceparent = CASE WHEN $13 THEN $15 ELSE call_traceparent END,
			call_order_number = CASE WHEN $13 THEN $16 ELSE call_order_number END
		WHERE return_id = $1`,
		p.Return.UUID, p.Order.UUID, p.Version, p.Status, p.CalledOff, p.Arranger, p.Canceller, p.Number, p.Reason,
		p.Call.Operation, p.Call.Attempts, p.Call.DueAt, waits, origin.CausationID, origin.TraceParent, origin.OrderNumber)
	if err != nil {
		return fmt.Errorf("save pick-up of return %s: %w", p.Return, err)
	}
	return s.tell(ctx, s.language.Pickup(p, at, events))
}

// pickupsWithin says which calls a lane has, in the words of its index.
var pickupsWithin = map[app.Lane]string{
	app.First: `call <> '' AND call_attempts = 0`,
	app.Again: `call <> '' AND call_attempts > 0`,
}

// DuePickups answers and locks pick-ups with a call that is due.
func (s *Store) DuePickups(ctx context.Context, lane app.Lane, at time.Time, limit int) ([]app.PickupIntent, error) {
	rows, err := s.tx.Query(ctx, `
		SELECT `+pickupColumns+`, call_causation, call_traceparent, call_order_number FROM pickups
		WHERE `+pickupsWithin[lane]+` AND call_due_at <= $1
		ORDER BY call_due_at LIMIT $2 FOR UPDATE SKIP LOCKED`, at, limit)
	if err != nil {
		return nil, fmt.Errorf("find pick-ups that are due: %w", err)
	}
	intents, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (i app.PickupIntent, err error) {
		err = row.Scan(append(pickupFields(&i.Pickup), &i.Origin.CausationID, &i.Origin.TraceParent, &i.Origin.OrderNumber)...)
		i.Pickup.Call.DueAt = i.Pickup.Call.DueAt.UTC()
		return i, err
	})
	if err != nil {
		return nil, fmt.Errorf("find pick-ups that are due: %w", err)
	}
	return intents, nil
}
