// Package postgres keeps fulfillment's shipments and pick-ups in PostgreSQL.
package postgres

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"quadrille.dev/platform/erasure"
	"quadrille.dev/platform/event"
	"quadrille.dev/platform/outbox"
	"quadrille.dev/platform/postgres"
	"quadrille.dev/services/fulfillment/internal/app"
	"quadrille.dev/services/fulfillment/internal/shipment"
)

// Store is app.Store in one transaction.
type Store struct {
	tx       pgx.Tx
	language app.Language
	intended Intended
	// expected are shipments that were locked before anybody asked for them, as they are now.
	expected map[shipment.OrderID]shipment.Shipment
	// absent are those of them that are not stored yet.
	absent map[shipment.OrderID]bool
	// given is how many calls were.
	given int
	asked erasure.Asked
}

// Intended is called when a call is stored that waits for a worker: a shipment's, or a pick-up's.
type Intended struct {
	Shipment, Pickup func()
	// Idle is how many calls of shipments would be made at once if they were given; nil if none can be. Give is called with one that is stored
	// as taken.
	Idle func() int
	Give func(app.Call)
}

// New is the store in tx.
func New(tx pgx.Tx, language app.Language, intended Intended) *Store {
	return &Store{
		tx: tx, language: language, intended: intended,
		expected: map[shipment.OrderID]shipment.Shipment{}, absent: map[shipment.OrderID]bool{},
	}
}

const columns = `order_id, version, opened, customer_id, name, street, city, postal_code, country_code, paid, called_off, fulfilled,
	status, carrier, tracking_number, reason, stated, erased, call, call_attempts, call_tries, call_stalled, call_due_at`

func fields(p *shipment.Shipment) []any {
	return []any{
		&p.Order.UUID, &p.Version, &p.Opened, &p.Customer.UUID, &p.Address.Name, &p.Address.Street, &p.Address.City,
		&p.Address.PostalCode, &p.Address.CountryCode, &p.Paid, &p.CalledOff, &p.Fulfilled, &p.Status, &p.Carrier, &p.TrackingNumber,
		&p.Reason, &p.Stated, &p.Erased, &p.Call.Operation, &p.Call.Attempts, &p.Call.Tries, &p.Call.Stalled, &p.Call.DueAt,
	}
}

func scan(row pgx.CollectableRow) (shipment.Shipment, error) {
	var p shipment.Shipment
	err := row.Scan(fields(&p)...)
	p.Call.DueAt = p.Call.DueAt.UTC()
	return p, err
}

// Shipment answers and locks the shipment of an order, which it makes if there is none and none was expected.
func (s *Store) Shipment(ctx context.Context, order shipment.OrderID) (shipment.Shipment, error) {
	if known, expected := s.expected[order]; expected {
		return known, nil
	}
	return s.lock(ctx, order.UUID)
}

// Waits tells whether a worker would make one more call at once.
func (s *Store) Waits() bool { return s.intended.Idle != nil && s.given < s.intended.Idle() }

// Give has a worker make a call that is stored as taken.
func (s *Store) Give(call app.Call) {
	s.given++
	s.intended.Give(call)
}

// Save stores a shipment, and what others hear of the events in the outbox.
func (s *Store) Save(ctx context.Context, p shipment.Shipment, at time.Time, events ...shipment.Event) error {
	intended := slices.ContainsFunc(events, shipment.Intends)
	waits := p.Call.Operation != shipment.NoOperation && p.Call.Attempts == 0
	if err := s.update(ctx, p, waits || intended); err != nil {
		return err
	}
	if waits && app.Of(p.Call) == app.First {
		s.intended.Shipment()
	}
	return s.tell(ctx, s.language.Shipment(p, at, events))
}

func (s *Store) tell(ctx context.Context, facts []event.Fact) error {
	if len(facts) == 0 {
		return nil
	}
	envelopes := make([]event.Envelope, len(facts))
	for i, fact := range facts {
		envelopes[i] = event.New(ctx, fact)
	}
	return outbox.Append(ctx, s.tx, envelopes...)
}

// update keeps the origin of a call from when it is intended, so that what the answer leads to has the same cause.
func (s *Store) update(ctx context.Context, p shipment.Shipment, intended bool) error {
	var origin event.Origin
	if intended {
		origin = event.OriginOf(ctx)
	}
	values := []any{
		p.Order.UUID, p.Version, p.Opened, p.Customer.UUID, p.Address.Name, p.Address.Street, p.Address.City, p.Address.PostalCode,
		p.Address.CountryCode, p.Paid, p.CalledOff, p.Fulfilled, p.Status, p.Carrier, p.TrackingNumber, p.Reason, p.Stated, p.Erased,
		p.Call.Operation, p.Call.Attempts, p.Call.Tries, p.Call.Stalled, p.Call.DueAt, origin.CausationID, origin.TraceParent, origin.OrderNumber,
	}
	batch := &pgx.Batch{}
	if s.absent[p.Order] {
		batch.Queue(insert, values...)
	} else {
		batch.Queue(update, append(values, intended)...)
	}
	delete(s.absent, p.Order)
	s.saved(p)
	return postgres.Later(ctx, s.tx, "save shipment of "+p.Order.String(), batch)
}

const (
	insert = `
		INSERT INTO shipments (` + columns + `, call_causation, call_traceparent, call_order_number)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26)
		ON CONFLICT (order_id) DO UPDATE SET version = made_meanwhile()`
	update = `
		UPDATE shipments SET version = $2, opened = $3, customer_id = $4, name = $5, street = $6, city = $7, postal_code = $8,
			country_code = $9, paid = $10, called_off = $11, fulfilled = $12, status = $13, carrier = $14, tracking_number = $15,
			reason = $16, stated = $17, erased = $18, call = $19, call_attempts = $20, call_tries = $21, call_stalled = $22, call_due_at = $23,
			call_causation = CASE WHEN $27 THEN $24 ELSE call_causation END,
			call_traceparent = CASE WHEN $27 THEN $25 ELSE call_traceparent END,
			call_order_number = CASE WHEN $27 THEN $26 ELSE call_order_number END
		WHERE order_id = $1`
)

// within says which calls a lane has, in the words of its index.
var within = map[app.Lane]string{
	app.First:    `call NOT IN ('', 'track') AND call_attempts = 0`,
	app.Again:    `call NOT IN ('', 'track') AND call_attempts > 0`,
	app.Tracking: `call = 'track'`,
}

// Due answers and locks shipments with a call that is due.
func (s *Store) Due(ctx context.Context, lane app.Lane, at time.Time, limit int) ([]app.Intent, error) {
	rows, err := s.tx.Query(ctx, `
		SELECT `+columns+`, call_causation, call_traceparent, call_order_number FROM shipments
		WHERE `+within[lane]+` AND call_due_at <= $1
		ORDER BY call_due_at LIMIT $2 FOR UPDATE SKIP LOCKED`, at, limit)
	if err != nil {
		return nil, fmt.Errorf("find calls that are due: %w", err)
	}
	intents, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (app.Intent, error) {
		var i app.Intent
		err := row.Scan(append(fields(&i.Shipment), &i.Origin.CausationID, &i.Origin.TraceParent, &i.Origin.OrderNumber)...)
		i.Shipment.Call.DueAt = i.Shipment.Call.DueAt.UTC()
		return i, err
	})
	if err != nil {
		return nil, fmt.Errorf("find calls that are due: %w", err)
	}
	return intents, nil
}
