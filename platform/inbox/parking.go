package inbox

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"quadrille.dev/platform/event"
	"quadrille.dev/platform/personal"
	"quadrille.dev/platform/postgres"
)

// Parking is what operators can do about the parked messages of a context. Several may, and consumers may work, at the same time.
type Parking struct {
	db       *postgres.DB
	consumer string
	// read tells why the context cannot read a fact.
	read func(event.Envelope) error
	// attempt tries a message that is due, unless another instance has it in hand.
	attempt func(ctx context.Context, id uuid.UUID) (mine bool, err error)
	// wake has what is due retried.
	wake func()
}

// NewParking is the parking of a context that consumes nothing, and so has nothing parked.
func NewParking(db *postgres.DB, consumer string) *Parking {
	return &Parking{
		db: db, consumer: consumer,
		read:    func(e event.Envelope) error { return &UnknownTypeError{Fact: e.Name()} },
		attempt: func(context.Context, uuid.UUID) (bool, error) { return false, nil },
		wake:    func() {},
	}
}

// Parking is the parking of what the consumer parks.
func (c *Consumer[S]) Parking() *Parking {
	return &Parking{
		db: c.config.DB, consumer: c.name, read: c.routes.Read,
		attempt: c.retry, wake: c.wake,
	}
}

// Parked is a parked message.
type Parked struct {
	ID uuid.UUID
	// Fact is context, aggregate and fact: "ordering.order.placed".
	Fact     string
	Subject  string
	Attempts int
	Error    string
	// FirstFailedAt is when it failed first, LastFailedAt when it failed last.
	FirstFailedAt, LastFailedAt time.Time
	// Behind is how many later messages of the same aggregate wait for this one.
	Behind int64
	// Payload has personal data blotted out; nil if it is too large to be listed with others.
	Payload json.RawMessage
}

// Group is the parked messages of one fact that failed for one cause, which is an error without the ids in it.
type Group struct {
	Fact, Cause string
	Count       int64
}

// ParkedFilter restricts a list; what is zero does not.
type ParkedFilter struct {
	Fact string
	// Error is how errors, or their causes, begin.
	Error string
	IDs   []uuid.UUID
}

// ParkedPage is part of a list of parked messages, and what the whole of it comes to.
type ParkedPage struct {
	Messages []Parked
	More     bool
	Total    int64
	Groups   []Group
}

// ParkedPlace is where a message stands in the lists of all contexts together: those that failed first come first. The zero place is
// before all.
type ParkedPlace struct {
	FirstFailedAt time.Time
	ID            uuid.UUID
	Context       string
}

// mostListed bounds the envelopes that are shown in lists, in bytes. One that is asked for alone is always shown.
const mostListed = 64 << 10

const parkedThatMatch = `
	FROM waiting w
	WHERE consumer = $1 AND state = 'PARKED' AND ($2 = '' OR type = 'quadrille.' || $2)
	  AND ($3 = '' OR starts_with(cause, $3) OR starts_with(error, $3)) AND ($4::uuid[] IS NULL OR message_id = ANY ($4))`

// List answers parked messages, all as of one moment.
func (p *Parking) List(ctx context.Context, filter ParkedFilter, first int, after ParkedPlace) (page ParkedPage, err error) {
	args := []any{p.consumer, storableText(filter.Fact), storableText(filter.Error), filter.IDs}
	err = pgx.BeginTxFunc(ctx, p.db, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		batch := &pgx.Batch{}
		batch.Queue(`
			SELECT message_id, type, subject, attempts, coalesce(error, ''), first_failed_at, last_failed_at,
			       (SELECT count(*) FROM waiting b
			        WHERE (b.consumer, b.source, b.subject) = (w.consumer, w.source, w.subject) AND b.position > w.position),
			       CASE WHEN length(envelope) <= $5 THEN envelope END `+parkedThatMatch+`
			  AND (first_failed_at, message_id, consumer COLLATE "C") > ($6, $7, $8)
			ORDER BY first_failed_at, message_id LIMIT $9`,
			append(args, listed(filter), after.FirstFailedAt, after.ID, after.Context, first+1)...,
		).Query(func(rows pgx.Rows) (err error) {
			page.Messages, err = pgx.CollectRows(rows, scanParked)
			return err
		})
		batch.Queue(`SELECT substr(type, length('quadrille.') + 1), coalesce(cause, ''), count(*) `+parkedThatMatch+`
			GROUP BY type, cause ORDER BY count(*) DESC, type, cause`, args...,
		).Query(func(rows pgx.Rows) (err error) {
			page.Groups, err = pgx.CollectRows(rows, pgx.RowToStructByPos[Group])
			return err
		})
		return tx.SendBatch(ctx, batch).Close()
	})
	if err != nil {
		return ParkedPage{}, fmt.Errorf("list parked messages: %w", err)
	}
	for _, group := range page.Groups {
		page.Total += group.Count
	}
	page.More = len(page.Messages) > first
	page.Messages = page.Messages[:min(len(page.Messages), first)]
	return page, nil
}

// listed is how large an envelope may be to be shown.
func listed(filter ParkedFilter) int {
	if len(filter.IDs) == 1 {
		return 1 << 30
	}
	return mostListed
}

func scanParked(row pgx.CollectableRow) (Parked, error) {
	var (
		message  Parked
		envelope []byte
	)
	err := row.Scan(&message.ID, &message.Fact, &message.Subject, &message.Attempts, &message.Error,
		&message.FirstFailedAt, &message.LastFailedAt, &message.Behind, &envelope)
	if err != nil {
		return Parked{}, err
	}
	message.Fact = strings.TrimPrefix(message.Fact, "quadrille.")
	if envelope == nil {
		return message, nil
	}
	fact, err := event.Decode(envelope)
	if err != nil {
		return Parked{}, err
	}
	message.Payload = personal.Blot(fact.Name(), fact.Data)
	return message, nil
}

// storableText is a text as PostgreSQL can compare it, which knows no NUL.
func storableText(text string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(text, "?"), "\x00", "?")
}
