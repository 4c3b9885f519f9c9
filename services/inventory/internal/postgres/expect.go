package postgres

import (
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"quadrille.dev/services/inventory/internal/reservation"
	"quadrille.dev/services/inventory/internal/stock"
)

// expected is what was locked before anybody asked for it, as it is now.
type expected struct {
	reservations map[uuid.UUID]reservation.Reservation
	// available has also SKUs that are not there, of which nothing can be promised.
	available map[string]int64
	absent    map[string]bool
}

// Expect locks the reservations of orders, and the stock of SKUs, all in one round trip and each in the order of its keys, and remembers them until somebody asks.
// Only of orders of which there are also SKUs is it likely that there are no reservations yet; other reservations cost a second round trip if they are missing.
func (s *Store) Expect(ctx context.Context, orders []uuid.UUID, skus []string) error {
	if s.expected.reservations == nil {
		s.expected = expected{map[uuid.UUID]reservation.Reservation{}, map[string]int64{}, map[string]bool{}}
	}
	if len(skus) == 0 {
		batch := &pgx.Batch{}
		s.expected.find(batch, orders)
		if err := s.tx.SendBatch(ctx, batch).Close(); err != nil {
			return fmt.Errorf("lock %d reservations: %w", len(orders), err)
		}
		if orders = s.expected.missing(orders); len(orders) == 0 {
			return nil
		}
	}
	batch := &pgx.Batch{}
	batch.Queue(`INSERT INTO reservation (order_id, status) SELECT DISTINCT unnest($1::uuid[]) AS id, $2::text ORDER BY id ON CONFLICT DO NOTHING`,
		orders, reservation.Pending)
	s.expected.find(batch, orders)
	if len(skus) > 0 {
		batch.Queue(availableStock, skus).Query(func(rows pgx.Rows) error { return s.expected.learn(rows, skus) })
	}
	if err := s.tx.SendBatch(ctx, batch).Close(); err != nil {
		return fmt.Errorf("lock %d reservations: %w", len(orders), err)
	}
	return nil
}

// find queues what locks the reservations that are there.
func (e *expected) find(batch *pgx.Batch, orders []uuid.UUID) {
	batch.Queue(`SELECT order_id, `+reservationColumns+` FROM reservation WHERE order_id = ANY ($1) ORDER BY order_id FOR UPDATE`, orders).Query(func(rows pgx.Rows) error {
		var r reservation.Reservation
		_, err := pgx.ForEachRow(rows, append([]any{&r.OrderID}, reservationFields(&r)...), func() error {
			e.reservations[r.OrderID] = r
			r = reservation.Reservation{}
			return nil
		})
		return err
	})
}

// missing are those of the orders whose reservations were not found.
func (e *expected) missing(orders []uuid.UUID) (missing []uuid.UUID) {
	for _, order := range orders {
		if _, found := e.reservations[order]; !found {
			missing = append(missing, order)
		}
	}
	return missing
}

func (e *expected) learn(rows pgx.Rows, skus []string) error {
	available, err := levels(rows)
	if err != nil {
		return err
	}
	for _, sku := range skus {
		count, there := available[sku]
		e.available[sku], e.absent[sku] = count, !there
	}
	return nil
}

// of answers what is available of SKUs, if that is known of all of them.
func (e *expected) of(skus []string) (map[string]int64, bool) {
	available := make(map[string]int64, len(skus))
	for _, sku := range skus {
		count, known := e.available[sku]
		if !known {
			return nil, false
		}
		if !e.absent[sku] {
			available[sku] = count
		}
	}
	return available, true
}

// saved notes how a reservation is now. It has lists where the model has none, as if it had been read.
func (e *expected) saved(r reservation.Reservation) {
	if _, known := e.reservations[r.OrderID]; known {
		r.Lines, r.Returned = append([]stock.Line{}, r.Lines...), append([]stock.Line{}, r.Returned...)
		e.reservations[r.OrderID] = r
	}
}

func (e *expected) moved(effect stock.Effect, lines []stock.Line) {
	for _, line := range lines {
		if _, known := e.available[line.SKU]; known {
			e.available[line.SKU] += line.Quantity * (effect.OnHand - effect.Reserved)
		}
	}
}

// reservationOf answers one that is known, so that its lists can be changed.
func (e *expected) reservationOf(order uuid.UUID) (reservation.Reservation, bool) {
	r, known := e.reservations[order]
	r.Lines, r.Returned = slices.Clone(r.Lines), slices.Clone(r.Returned)
	return r, known
}
