package inbox

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"quadrille.dev/platform/erasure"
	"quadrille.dev/platform/event"
	"quadrille.dev/platform/postgres"
)

// The first waiting message of an aggregate is RETRYING or PARKED; a message BEHIND becomes RETRYING when those before it are
// gone.

// anyWaiting is whether messages of the aggregate wait.
const anyWaiting = `EXISTS (SELECT FROM waiting WHERE consumer = $1 AND source = $2 AND subject = $3)`

// appendBehind puts a message behind those of its aggregate that wait; it answers false if none do any more. It holds on to
// the first of them until tx ends, so that it cannot be released in between.
func appendBehind(ctx context.Context, tx pgx.Tx, consumer string, body []byte, fact event.Envelope) (behind bool, err error) {
	for held := false; !held; {
		err := tx.QueryRow(ctx, `
			SELECT true FROM waiting WHERE consumer = $1 AND source = $2 AND subject = $3
			ORDER BY position LIMIT 1 FOR KEY SHARE`,
			consumer, fact.Source, fact.Subject).Scan(&held)
		if err == nil {
			break
		}
		if !errors.Is(err, pgx.ErrNoRows) {
			return false, fmt.Errorf("look for messages before %s: %w", fact.ID, err)
		}
		// Those that the statement saw have been released meanwhile; others may have come.
		waiting := false
		if err := tx.QueryRow(ctx, `SELECT `+anyWaiting, consumer, fact.Source, fact.Subject).Scan(&waiting); err != nil || !waiting {
			return false, err
		}
	}
	if body, err = erasure.Clean(ctx, tx, fact, body); err != nil {
		return false, err
	}
	_, err = tx.Exec(ctx, `
		WITH unhandled AS (DELETE FROM inbox WHERE consumer = $1 AND message_id = $2)
		INSERT INTO waiting (consumer, message_id, source, subject, type, envelope, state)
		VALUES ($1, $2, $3, $4, $5, $6, 'BEHIND') ON CONFLICT DO NOTHING`,
		consumer, fact.ID, fact.Source, fact.Subject, fact.Type, body)
	if err != nil {
		return false, fmt.Errorf("append %s behind others: %w", fact.ID, err)
	}
	return true, nil
}

// putAside stores a message that failed, to be retried, or parked if no retry can help.
func (c *Consumer[S]) putAside(ctx context.Context, body []byte, fact event.Envelope, reason error) error {
	state, rest := c.config.after(1, reason)
	err := c.config.DB.InTx(ctx, func(tx pgx.Tx) error {
		body, err := erasure.Clean(ctx, tx, fact, body)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `
			INSERT INTO waiting (consumer, message_id, source, subject, type, envelope, state, attempts, error,
			                     first_failed_at, last_failed_at, next_attempt_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, 1, $8, now(), now(), now() + make_interval(secs => $9))
			ON CONFLICT DO NOTHING`,
			c.name, fact.ID, fact.Source, fact.Subject, fact.Type, body, state, text(reason), rest.Seconds())
		return err
	})
	if err != nil {
		return fmt.Errorf("set %s aside: %w", fact.ID, err)
	}
	c.config.Log.ErrorContext(ctx, "message set aside", "state", state, "error", reason)
	c.wake()
	return nil
}

// wake has the loop look for messages that are due.
func (c *Consumer[S]) wake() {
	select {
	case c.setAside <- struct{}{}:
	default:
	}
}

// release takes a message that is handled out of waiting, and makes the next of its aggregate due.
func release(ctx context.Context, tx pgx.Tx, consumer string, fact event.Envelope) error {
	batch := &pgx.Batch{}
	batch.Queue(`DELETE FROM waiting WHERE consumer = $1 AND message_id = $2`, consumer, fact.ID)
	batch.Queue(`
		UPDATE waiting SET state = 'RETRYING', next_attempt_at = now()
		WHERE consumer = $1 AND state = 'BEHIND' AND message_id = (
			SELECT message_id FROM waiting WHERE consumer = $1 AND source = $2 AND subject = $3 ORDER BY position LIMIT 1)`,
		consumer, fact.Source, fact.Subject)
	if err := tx.SendBatch(ctx, batch).Close(); err != nil {
		return fmt.Errorf("release %s: %w", fact.ID, err)
	}
	return nil
}

// Counts are the messages of a consumer that are set aside.
type Counts struct{ Retrying, Parked, Behind int64 }

// Count counts the messages of a consumer that are set aside.
func Count(ctx context.Context, db *postgres.DB, consumer string) (Counts, error) {
	var counts Counts
	err := db.QueryRow(ctx, `
		SELECT count(*) FILTER (WHERE state = 'RETRYING'), count(*) FILTER (WHERE state = 'PARKED'),
		       count(*) FILTER (WHERE state = 'BEHIND') FROM waiting WHERE consumer = $1`, consumer,
	).Scan(&counts.Retrying, &counts.Parked, &counts.Behind)
	if err != nil {
		return Counts{}, fmt.Errorf("count waiting messages: %w", err)
	}
	return counts, nil
}

// Counts counts what is set aside.
func (c *Consumer[S]) Counts(ctx context.Context) (Counts, error) {
	return Count(ctx, c.config.DB, c.name)
}

// maxText bounds an error as it is stored.
const maxText = 2_000

// text is an error that PostgreSQL can store.
func text(err error) string {
	s := err.Error()
	return strings.ReplaceAll(strings.ToValidUTF8(s[:min(len(s), maxText)], "?"), "\x00", "?")
}

// maxName is how long subject, source and type may be to fit the tables' indexes.
const maxName = 500

// storable refuses what could be set aside under no circumstances.
func storable(fact event.Envelope) error {
	for _, name := range []string{fact.Source, fact.Subject, fact.Type} {
		if len(name) > maxName || strings.ContainsRune(name, 0) {
			return fmt.Errorf("%w: %.40q… cannot be stored", event.ErrUnreadable, name)
		}
	}
	return nil
}
