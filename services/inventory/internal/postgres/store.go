package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"quadrille.dev/platform/event"
	"quadrille.dev/platform/outbox"
	"quadrille.dev/platform/postgres"
	"quadrille.dev/services/inventory/internal/reservation"
	"quadrille.dev/services/inventory/internal/stock"
)

// Store is inventory's state within one transaction. It locks a reservation before a restock, a restock before stock, and stock in the order of the SKUs.
type Store struct {
	tx       pgx.Tx
	database *Database
	// acted is set when an operator's doing was stored.
	acted    bool
	expected expected
}

const reservationColumns = `
	coalesce(customer_id, '00000000-0000-0000-0000-000000000000'), status, shipment_arranged, lines, returned, version`

func reservationFields(r *reservation.Reservation) []any {
	return []any{&r.CustomerID, &r.Status, &r.ShipmentArranged, &r.Lines, &r.Returned, &r.Version}
}

// Reservation loads or makes the reservation of an order, and locks it, unless it was expected.
func (s *Store) Reservation(ctx context.Context, orderID uuid.UUID) (reservation.Reservation, error) {
	if known, expected := s.expected.reservationOf(orderID); expected {
		return known, nil
	}
	r := reservation.New(orderID)
	batch := &pgx.Batch{}
	batch.Queue(`INSERT INTO reservation (order_id, status) VALUES ($1, $2) ON CONFLICT DO NOTHING`, orderID, r.Status)
	batch.Queue(`SELECT `+reservationColumns+` FROM reservation WHERE order_id = $1 FOR UPDATE`, orderID).QueryRow(func(row pgx.Row) error { return row.Scan(reservationFields(&r)...) })
	if err := s.tx.SendBatch(ctx, batch).Close(); err != nil {
		return reservation.Reservation{}, fmt.Errorf("load reservation of order %s: %w", orderID, err)
	}
	return r, nil
}

// Available locks the stock of SKUs and tells what can be promised.
func (s *Store) Available(ctx context.Context, skus []string) (map[string]int64, error) {
	if available, known := s.expected.of(skus); known {
		return available, nil
	}
	rows, err := s.tx.Query(ctx, availableStock, skus)
	if err != nil {
		return nil, fmt.Errorf("lock stock: %w", err)
	}
	available, err := levels(rows)
	if err != nil {
		return nil, fmt.Errorf("lock stock: %w", err)
	}
	return available, nil
}

const availableStock = `SELECT sku, on_hand - reserved FROM stock WHERE sku = ANY ($1) ORDER BY sku FOR UPDATE`

func levels(rows pgx.Rows) (map[string]int64, error) {
	available := map[string]int64{}
	var sku string
	var count int64
	_, err := pgx.ForEachRow(rows, []any{&sku, &count}, func() error { available[sku] = count; return nil })
	return available, err
}

// Save stores a reservation, makes its movements and publishes its events.
func (s *Store) Save(ctx context.Context, r reservation.Reservation, at time.Time, events ...reservation.Event) error {
	batch := &pgx.Batch{}
	batch.Queue(`
		UPDATE reservation SET customer_id = nullif($2, '00000000-0000-0000-0000-000000000000'::uuid), status = $3,
			shipment_arranged = $4, lines = $5, version = $6, changed_at = $7, returned = $8
		WHERE order_id = $1`, r.OrderID, r.CustomerID, r.Status, r.ShipmentArranged, append([]stock.Line{}, r.Lines...), r.Version, at,
		append([]stock.Line{}, r.Returned...))
	facts := make([]event.Envelope, len(events))
	for i, e := range events {
		if movement, lines := e.Movement(); len(lines) > 0 {
			s.move(batch, mover{orderID: r.OrderID}, movement, lines, at)
		}
		sequence := r.Version - int64(len(events)-i-1)
		facts[i] = event.New(ctx, s.database.Language.Reservation(r.OrderID, sequence, e, at))
	}
	s.expected.saved(r)
	if err := postgres.Later(ctx, s.tx, "save reservation of order "+r.OrderID.String(), batch); err != nil {
		return err
	}
	if len(facts) == 0 {
		return nil
	}
	return outbox.Append(ctx, s.tx, facts...)
}

// mover is an order, or one of its returns.
type mover struct{ orderID, returnID uuid.UUID }

// move queues one statement each to lock, count and note a movement of any number of lines.
func (s *Store) move(batch *pgx.Batch, by mover, movement stock.Movement, lines []stock.Line, at time.Time) {
	skus, quantities := make([]string, len(lines)), make([]int64, len(lines))
	for i, line := range lines {
		skus[i], quantities[i] = line.SKU, line.Quantity
	}
	effect := movement.Effect()
	s.expected.moved(effect, lines)
	batch.Queue(`SELECT FROM stock WHERE sku = ANY ($1) ORDER BY sku FOR UPDATE`, skus)
	batch.Queue(`
		UPDATE stock SET on_hand = on_hand + quantity * $3, reserved = reserved + quantity * $4, deducted = deducted + quantity * $5
		FROM unnest($1::text[], $2::bigint[]) AS line (line_sku, quantity)
		WHERE sku = line_sku`, skus, quantities, effect.OnHand, effect.Reserved, effect.Deducted,
	).Exec(func(tag pgconn.CommandTag) error {
		if tag.RowsAffected() != int64(len(lines)) {
			return fmt.Errorf("%w: %d of %d levels are there", stock.ErrInvariant, tag.RowsAffected(), len(lines))
		}
		return nil
	})
	batch.Queue(`
		INSERT INTO movement (order_id, return_id, kind, sku, quantity, moved_at)
		SELECT $1, $6, $2, sku, quantity, $5 FROM unnest($3::text[], $4::bigint[]) AS line (sku, quantity)`,
		by.orderID, movement, skus, quantities, at, by.returnID)
	if effect.Promises() {
		s.changed(skus...)
	}
}

// changed has those who watch levels hear that more or less can be promised, once it is committed.
func (s *Store) changed(skus ...string) {
	if s.database.Changed != nil {
		s.database.OnCommit(s.tx, func() { s.database.Changed(skus...) })
	}
}

// Level loads or makes the level of a SKU, and locks it.
func (s *Store) Level(ctx context.Context, sku string) (stock.Level, error) {
	level := stock.Level{SKU: sku}
	batch := &pgx.Batch{}
	batch.Queue(`INSERT INTO stock (sku) VALUES ($1) ON CONFLICT DO NOTHING`, sku)
	read := batch.Queue(`SELECT on_hand, reserved, deducted, received, version FROM stock WHERE sku = $1 FOR UPDATE`, sku)
	read.QueryRow(func(row pgx.Row) error {
		return row.Scan(&level.OnHand, &level.Reserved, &level.Deducted, &level.Received, &level.Version)
	})
	if err := s.tx.SendBatch(ctx, batch).Close(); err != nil {
		return stock.Level{}, fmt.Errorf("load level of %s: %w", sku, err)
	}
	return level, nil
}

// Received is the quantity booked in under a reference.
func (s *Store) Received(ctx context.Context, sku, reference string) (quantity int64, err error) {
	err = s.tx.QueryRow(ctx, `SELECT quantity FROM receipt WHERE sku = $1 AND reference = $2`, sku, reference).Scan(&quantity)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return 0, fmt.Errorf("load receipt %q of %s: %w", reference, sku, err)
	}
	return quantity, nil
}

// Receive stores the level after goods were booked in, and publishes it.
func (s *Store) Receive(ctx context.Context, level stock.Level, received stock.Received, at time.Time) error {
	batch := &pgx.Batch{}
	batch.Queue(`UPDATE stock SET on_hand = $2, received = $3, version = $4 WHERE sku = $1`,
		level.SKU, level.OnHand, level.Received, level.Version)
	batch.Queue(`INSERT INTO receipt (sku, reference, quantity, received_at) VALUES ($1, $2, $3, $4)`,
		level.SKU, received.Reference, received.Quantity, at)
	s.changed(level.SKU)
	s.acted = true
	if err := s.tx.SendBatch(ctx, batch).Close(); err != nil {
		return fmt.Errorf("receive %s: %w", level.SKU, err)
	}
	return outbox.Append(ctx, s.tx, event.New(ctx, s.database.Language.Stock(level.Version, received, at)))
}
