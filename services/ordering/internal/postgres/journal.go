package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"quadrille.dev/services/ordering/internal/app"
	"quadrille.dev/services/ordering/internal/history"
	"quadrille.dev/services/ordering/internal/order"
	"quadrille.dev/services/ordering/internal/returns"
)

// journal is how the events of one kind of aggregate are kept and read again.
type journal[ID ~struct{ uuid.UUID }, Event any, Recorded ~struct {
	Version int64
	At      time.Time
	Event   Event
}, Aggregate any] struct {
	noun string
	// missing is the error for an aggregate without events.
	missing error
	encode  func(Event) (history.Row, error)
	decode  func(history.Row) (Event, error)
	blanked func(Event) Event
	rebuild func(ID, []Recorded) Aggregate
	// lock locks aggregates and answers their versions, read reads the events of many, append adds one and replace gives one another form.
	// ofCustomer reads the events of all aggregates of a customer.
	lock, read, append, replace, ofCustomer string
}

var orders = journal[order.ID, order.Event, order.Recorded, order.Order]{
	noun: "order", missing: app.ErrNoOrder,
	encode: history.Encode, decode: history.Decode, blanked: order.Blank, rebuild: order.Rebuild,
	lock: `SELECT order_id, version FROM orders WHERE order_id = ANY($1) ORDER BY order_id FOR UPDATE`,
	read: `
		SELECT order_id, version, at, type, schema_version, data
		FROM order_events WHERE order_id = ANY($1) ORDER BY order_id, version`,
	append:  `INSERT INTO order_events (order_id, version, at, type, schema_version, data) VALUES ($1, $2, $3, $4, $5, $6)`,
	replace: `UPDATE order_events SET schema_version = $3, data = $4 WHERE order_id = $1 AND version = $2`,
	ofCustomer: `
		SELECT order_id, e.version, e.at, type, schema_version, data
		FROM order_events e JOIN orders USING (order_id) WHERE customer_id = $1`,
}

var goingBack = journal[returns.ID, returns.Event, returns.Recorded, returns.Return]{
	noun: "return", missing: app.ErrNoReturn,
	encode: history.EncodeReturn, decode: history.DecodeReturn, blanked: returns.Blank, rebuild: returns.Rebuild,
	lock: `SELECT return_id, version FROM returns WHERE return_id = ANY($1) ORDER BY return_id FOR UPDATE`,
	read: `
		SELECT return_id, version, at, type, schema_version, data
		FROM return_events WHERE return_id = ANY($1) ORDER BY return_id, version`,
	append:  `INSERT INTO return_events (return_id, version, at, type, schema_version, data) VALUES ($1, $2, $3, $4, $5, $6)`,
	replace: `UPDATE return_events SET schema_version = $3, data = $4 WHERE return_id = $1 AND version = $2`,
	ofCustomer: `
		SELECT return_id, e.version, e.at, type, schema_version, data
		FROM return_events e JOIN returns USING (return_id) JOIN orders USING (order_id) WHERE customer_id = $1`,
}

type (
	identity         struct{ uuid.UUID }
	entry[Event any] struct {
		Version int64
		At      time.Time
		Event   Event
	}
)

// one locks an aggregate and derives it from its events.
func (j journal[ID, Event, Recorded, Aggregate]) one(ctx context.Context, q querier, id ID) (none Aggregate, err error) {
	locked, err := j.locked(ctx, q, id)
	if err != nil {
		return none, err
	}
	found, exists := locked[id]
	if !exists {
		return none, j.missing
	}
	return found, nil
}

// locked locks aggregates, in one order, and derives them from their events, which are read in the same round trip, once they are locked.
// Those without any are left out.
func (j journal[ID, Event, Recorded, Aggregate]) locked(ctx context.Context, q querier, ids ...ID) (map[ID]Aggregate, error) {
	var (
		id        identity
		version   int64
		histories map[ID][]Recorded
	)
	versions := make(map[ID]int64, len(ids))
	batch := &pgx.Batch{}
	batch.Queue(j.lock, bare(ids...)).Query(func(rows pgx.Rows) error {
		_, err := pgx.ForEachRow(rows, []any{&id.UUID, &version}, func() error { versions[ID(id)] = version; return nil })
		return err
	})
	batch.Queue(j.read, bare(ids...)).Query(func(rows pgx.Rows) (err error) {
		histories, err = j.collect(rows)
		return err
	})
	if err := q.SendBatch(ctx, batch).Close(); err != nil {
		return nil, fmt.Errorf("lock %s: %w", j.noun, err)
	}
	locked := make(map[ID]Aggregate, len(versions))
	for id, version := range versions {
		events := histories[id]
		if len(events) == 0 || entry[Event](events[len(events)-1]).Version != version {
			return nil, fmt.Errorf("%s %s has not the %d events that it should", j.noun, identity(id), version)
		}
		locked[id] = j.rebuild(id, events)
	}
	return locked, nil
}

// all derives aggregates from their events, which are read in one query. Those without any are left out.
func (j journal[ID, Event, Recorded, Aggregate]) all(ctx context.Context, q querier, ids []ID) ([]Aggregate, error) {
	histories, err := j.histories(ctx, q, j.read, bare(ids...))
	if err != nil {
		return nil, err
	}
	all := make([]Aggregate, 0, len(histories))
	for _, id := range ids {
		if events, exist := histories[id]; exist {
			all = append(all, j.rebuild(id, events))
		}
	}
	return all, nil
}

// histories are the events that a query reads.
func (j journal[ID, Event, Recorded, Aggregate]) histories(ctx context.Context, q querier, query string, of any) (map[ID][]Recorded, error) {
	rows, err := q.Query(ctx, query, of)
	if err != nil {
		return nil, fmt.Errorf("read events: %w", err)
	}
	histories, err := j.collect(rows)
	if err != nil {
		return nil, fmt.Errorf("read events: %w", err)
	}
	return histories, nil
}

// collect puts events that were read into the histories of their aggregates.
func (j journal[ID, Event, Recorded, Aggregate]) collect(rows pgx.Rows) (histories map[ID][]Recorded, err error) {
	histories = map[ID][]Recorded{}
	var (
		id       identity
		row      history.Row
		recorded entry[Event]
	)
	_, err = pgx.ForEachRow(rows, []any{&id.UUID, &recorded.Version, &recorded.At, &row.Type, &row.Schema, &row.Data}, func() error {
		if recorded.Event, err = j.decode(row); err != nil {
			return fmt.Errorf("%s %s, event %d: %w", j.noun, id, recorded.Version, err)
		}
		recorded.At = recorded.At.UTC()
		histories[ID(id)] = append(histories[ID(id)], Recorded(recorded))
		return nil
	})
	return histories, err
}

// keep queues what appends an event to those of an aggregate.
func (j journal[ID, Event, Recorded, Aggregate]) keep(batch *pgx.Batch, id ID, recorded Recorded) error {
	e := entry[Event](recorded)
	row, err := j.encode(e.Event)
	if err != nil {
		return err
	}
	batch.Queue(j.append, identity(id).UUID, e.Version, e.At, row.Type, row.Schema, row.Data)
	return nil
}

// blank queues what blanks the events of a customer's aggregates.
func (j journal[ID, Event, Recorded, Aggregate]) blank(ctx context.Context, q querier, batch *pgx.Batch, customer order.CustomerID) error {
	histories, err := j.histories(ctx, q, j.ofCustomer, customer.UUID)
	if err != nil {
		return err
	}
	for id, events := range histories {
		for _, recorded := range events {
			e := entry[Event](recorded)
			row, err := j.encode(j.blanked(e.Event))
			if err != nil {
				return err
			}
			batch.Queue(j.replace, identity(id).UUID, e.Version, row.Schema, row.Data)
		}
	}
	return nil
}

// bare are ids as the database knows them.
func bare[ID ~struct{ uuid.UUID }](ids ...ID) []uuid.UUID {
	bare := make([]uuid.UUID, len(ids))
	for i, id := range ids {
		bare[i] = identity(id).UUID
	}
	return bare
}
