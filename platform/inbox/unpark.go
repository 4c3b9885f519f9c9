package inbox

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"quadrille.dev/platform/audit"
	"quadrille.dev/platform/event"
)

// Retry says which parked messages to retry: those with these ids, or a whole group.
type Retry struct {
	// Actor is who asks.
	Actor string
	IDs   []uuid.UUID
	Group *Group
	// Payload replaces that of the one message named; nil to leave it. Personal data that it has blotted out stays as it was.
	Payload json.RawMessage
	// DryRun tells what would be retried, and changes nothing.
	DryRun bool
}

// Retried is what became of it.
type Retried struct {
	// Count is how many messages are handled or will be tried again.
	Count int
	// Failed are those that are not parked, and those that were tried and are parked again.
	Failed []Failed
}

// Failed is a message that was not retried, or in vain.
type Failed struct {
	ID    uuid.UUID
	Error string
}

// NotParked is the error of a message that is not parked, or not any more.
const NotParked = "NOT_PARKED: no such message is parked"

// patienceOfOperators is how long those who retry wait to hear what becomes of it.
const patienceOfOperators = 2 * time.Second

// Retry has parked messages tried again, each as soon as those before it in its aggregate are gone; messages behind one follow when it
// is handled. It waits a little for the outcome. A *PayloadError refuses the payload.
func (p *Parking) Retry(ctx context.Context, retry Retry) (Retried, error) {
	var released []parked
	err := p.db.InTx(ctx, func(tx pgx.Tx) (err error) {
		if released, err = p.lockParked(ctx, tx, retry); err != nil {
			return err
		}
		var edited *edit
		if retry.Payload != nil && len(released) == 1 {
			if edited, err = p.edit(released[0], retry.Payload); err != nil {
				return err
			}
		}
		if retry.DryRun || len(released) == 0 {
			return nil
		}
		return p.unpark(ctx, tx, retry, released, edited)
	})
	if err != nil {
		return Retried{}, err
	}
	outcome := Retried{Count: len(released), Failed: missing(retry.IDs, released)}
	if retry.DryRun || len(released) == 0 {
		return outcome, nil
	}
	defer p.wake()
	again, err := p.hear(ctx, released)
	if err != nil {
		return Retried{}, err
	}
	outcome.Count -= len(again)
	outcome.Failed = append(outcome.Failed, again...)
	return outcome, nil
}

// parked is a message that is locked to be dealt with.
type parked struct {
	id       uuid.UUID
	attempts int
	error    string
	// fact is what it says; of a message of a group it is not read.
	fact event.Envelope
}

// lockParked locks the messages that are meant, in the order of arrival; a dry run only reads them.
func (p *Parking) lockParked(ctx context.Context, tx pgx.Tx, retry Retry) ([]parked, error) {
	lock := `FOR NO KEY UPDATE`
	if retry.DryRun {
		lock = ``
	}
	if retry.Group != nil {
		return lockParked(ctx, tx, `
			SELECT message_id, attempts, coalesce(error, ''), NULL::bytea FROM waiting
			WHERE consumer = $1 AND state = 'PARKED' AND type = 'quadrille.' || $2 AND coalesce(cause, '') = $3 ORDER BY position `+lock,
			p.consumer, storableText(retry.Group.Fact), storableText(retry.Group.Cause))
	}
	return lockParked(ctx, tx, `
		SELECT message_id, attempts, coalesce(error, ''), envelope FROM waiting
		WHERE consumer = $1 AND state = 'PARKED' AND message_id = ANY ($2) ORDER BY position `+lock, p.consumer, retry.IDs)
}

func lockParked(ctx context.Context, tx pgx.Tx, query string, args ...any) ([]parked, error) {
	rows, err := tx.Query(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("lock parked messages: %w", err)
	}
	messages, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (message parked, err error) {
		var envelope []byte
		if err = row.Scan(&message.id, &message.attempts, &message.error, &envelope); err == nil && envelope != nil {
			message.fact, err = event.Decode(envelope)
		}
		return message, err
	})
	if err != nil {
		return nil, fmt.Errorf("lock parked messages: %w", err)
	}
	return messages, nil
}

// unpark makes messages due, or puts them behind earlier ones of their aggregates, and audits it.
func (p *Parking) unpark(ctx context.Context, tx pgx.Tx, retry Retry, messages []parked, edited *edit) error {
	ids := make([]uuid.UUID, len(messages))
	for i, message := range messages {
		ids[i] = message.id
	}
	batch := &pgx.Batch{}
	// Earlier messages are held on to, so that none is released without releasing what is put behind it.
	batch.Queue(`
		SELECT FROM waiting e WHERE consumer = $1 AND EXISTS (
			SELECT FROM waiting w WHERE w.consumer = $1 AND w.message_id = ANY ($2)
			  AND (e.source, e.subject) = (w.source, w.subject) AND e.position < w.position)
		ORDER BY position FOR KEY SHARE`, p.consumer, ids)
	batch.Queue(`
		UPDATE waiting w SET next_attempt_at = now(), state = CASE WHEN EXISTS (
			SELECT FROM waiting e
			WHERE (e.consumer, e.source, e.subject) = (w.consumer, w.source, w.subject) AND e.position < w.position
		) THEN 'BEHIND' ELSE 'RETRYING' END
		WHERE consumer = $1 AND message_id = ANY ($2)`, p.consumer, ids)
	if err := tx.SendBatch(ctx, batch).Close(); err != nil {
		return fmt.Errorf("retry parked messages: %w", err)
	}
	if retry.Group != nil {
		return audit.Record(ctx, tx, p.consumer, p.groupRetried(retry, len(messages)))
	}
	for _, message := range messages {
		entry := message.entry(retry.Actor, "parked.retried", "Retried "+message.name()+edited.told()+".")
		if err := audit.Record(ctx, tx, p.consumer, entry); err != nil {
			return err
		}
		if edited != nil {
			if err := p.keepEdit(ctx, tx, entry, message, edited); err != nil {
				return err
			}
		}
	}
	return nil
}

func (p *Parking) groupRetried(retry Retry, count int) audit.Entry {
	return audit.Entry{
		ID: uuid.Must(uuid.NewV7()), Actor: retry.Actor, Action: "parked.retried", Target: retry.Group.Fact,
		Detail: fmt.Sprintf("Retried a group of %d parked messages of %s.", count, retry.Group.Fact), At: time.Now(),
	}
}

func (m parked) name() string { return fmt.Sprintf("%s v%d", m.fact.Name(), m.fact.DataVersion) }

// entry is the audit's entry of what is done to a message.
func (m parked) entry(actor, action, detail string) audit.Entry {
	return audit.Entry{
		ID: uuid.Must(uuid.NewV7()), Actor: actor, Action: action, Target: m.id.String(), Detail: detail, Order: m.fact.CorrelationID,
		At: time.Now(),
	}
}

// missing are the ids of which no message was found.
func missing(ids []uuid.UUID, found []parked) []Failed {
	var failed []Failed
	for _, id := range ids {
		if !slices.ContainsFunc(found, func(message parked) bool { return message.id == id }) {
			failed = append(failed, Failed{id, NotParked})
		}
	}
	return failed
}

// hear tries messages that were released, as many as there is patience for, and answers those that are parked again. The others are
// left to the consumers.
func (p *Parking) hear(ctx context.Context, released []parked) ([]Failed, error) {
	deadline, cancel := context.WithTimeout(ctx, patienceOfOperators)
	defer cancel()
	var tried []uuid.UUID
	for _, message := range released {
		if p.settle(deadline, message.id) != nil {
			break
		}
		tried = append(tried, message.id)
	}
	rows, err := p.db.Query(ctx, `
		SELECT message_id, coalesce(error, '') FROM waiting
		WHERE consumer = $1 AND message_id = ANY ($2) AND state = 'PARKED' ORDER BY position`, p.consumer, tried)
	if err != nil {
		return nil, fmt.Errorf("look what became of parked messages: %w", err)
	}
	failed, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Failed])
	if err != nil {
		return nil, fmt.Errorf("look what became of parked messages: %w", err)
	}
	return failed, nil
}

// settle returns when a message that was released has been tried, by whomever, or is behind others.
func (p *Parking) settle(ctx context.Context, id uuid.UUID) error {
	for {
		if mine, err := p.attempt(ctx, id); mine || err != nil {
			return err
		}
		var inHand bool
		err := p.db.QueryRow(ctx, `
			SELECT EXISTS (SELECT FROM waiting
			               WHERE consumer = $1 AND message_id = $2 AND state = 'RETRYING' AND next_attempt_at <= now())`, p.consumer, id).Scan(&inHand)
		if err != nil || !inHand {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(20 * time.Millisecond):
		}
	}
}
