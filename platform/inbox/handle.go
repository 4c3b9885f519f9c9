package inbox

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/jackc/pgx/v5"

	"quadrille.dev/platform/event"
	"quadrille.dev/platform/postgres"
)

// handle runs the use case in the transaction that records the message as handled. A message that was handled before
// changes nothing; one whose aggregate has earlier messages waiting is appended behind them.
func (c *Consumer[S]) handle(ctx context.Context, body []byte, fact event.Envelope) error {
	return c.attempt(ctx, fact, func(ctx context.Context, at time.Time) error {
		err := c.config.DB.InTx(ctx, func(tx pgx.Tx) error { return c.handleFirst(ctx, tx, fact, at) })
		if !errors.Is(err, errOthersWait) {
			return err
		}
		return c.config.DB.InTx(ctx, func(tx pgx.Tx) error { return c.handleBehind(ctx, tx, body, fact, at) })
	})
}

// errOthersWait is why a message is not handled first.
var errOthersWait = errors.New("messages of the aggregate wait")

// handleFirst handles a message unless others of its aggregate wait. What it needs is locked in the round trip that records it, so it must
// hold nothing when it turns out that they do: who handles them holds on to them first.
func (c *Consumer[S]) handleFirst(ctx context.Context, tx pgx.Tx, fact event.Envelope, at time.Time) error {
	store := c.bind(tx)
	fresh, waiting, err := recordHandled(ctx, tx, c.name, fact, 1, func() error {
		return c.routes.Ahead(ctx, store, []event.Envelope{fact})
	})
	switch {
	case err != nil:
		return err
	case waiting:
		return errOthersWait
	case !fresh:
		c.config.Log.DebugContext(ctx, "handled before")
		return nil
	default:
		return c.routes.Handle(ctx, store, fact, at)
	}
}

// handleBehind handles a message if none of its aggregate waits any more.
func (c *Consumer[S]) handleBehind(ctx context.Context, tx pgx.Tx, body []byte, fact event.Envelope, at time.Time) error {
	fresh, waiting, err := recordHandled(ctx, tx, c.name, fact, 1, nothing)
	if err != nil {
		return err
	}
	if !fresh {
		c.config.Log.DebugContext(ctx, "handled before")
		return nil
	}
	if waiting {
		if behind, err := appendBehind(ctx, tx, c.name, body, fact); err != nil || behind {
			return err
		}
	}
	return c.routes.Handle(ctx, c.bind(tx), fact, at)
}

// handleTimeout bounds one attempt. The end of the consumer does not cut it short.
const handleTimeout = 30 * time.Second

// attempt gives one attempt its time, its place in the trace, and a net for panics. What do does it does in transactions.
func (c *Consumer[S]) attempt(ctx context.Context, fact event.Envelope, do func(ctx context.Context, at time.Time) error) (err error) {
	c.slots <- struct{}{}
	defer func() { <-c.slots }()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), handleTimeout)
	defer cancel()
	ctx, end := c.startSpan(ctx, fact)
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("handle %s: panic: %v", fact.Name(), r)
			c.config.Log.ErrorContext(ctx, "handler panicked", "panic", r, "stack", string(debug.Stack()))
		}
		end(err)
	}()
	at := c.config.Now()
	return do(c.doubt(ctx, fact), at)
}

// doubt says what is in doubt about a fact since the database was restored.
func (c *Consumer[S]) doubt(ctx context.Context, fact event.Envelope) context.Context {
	if fact.Began().Before(c.config.DoubtBefore) {
		ctx = event.Doubting(ctx)
	}
	if fact.Time.Before(c.config.DoubtBefore) {
		ctx = event.Repeating(ctx)
	}
	return ctx
}

// isFresh tells whether a message was recorded as handled just now, and not before.
func isFresh(recorded int64) bool { return recorded == 1 }

// recordHandled answers fresh unless the message was handled before, and whether messages of its aggregate wait. While
// another transaction handles the message, it waits for that. Attempts include the present one. What ahead does first goes in the same
// round trip, and is done also if the message is not fresh.
func recordHandled(
	ctx context.Context, tx pgx.Tx, consumer string, fact event.Envelope, attempts int, ahead func() error,
) (fresh, waiting bool, err error) {
	batch := &pgx.Batch{}
	batch.Queue(`
		WITH recorded AS (
			INSERT INTO inbox (consumer, message_id, attempts) VALUES ($1, $4, nullif($5::integer, 1)) ON CONFLICT DO NOTHING RETURNING true)
		SELECT (SELECT count(*) FROM recorded), `+anyWaiting,
		consumer, fact.Source, fact.Subject, fact.ID, attempts).
		QueryRow(func(row pgx.Row) error {
			var recorded int64
			err := row.Scan(&recorded, &waiting)
			fresh = isFresh(recorded)
			return err
		})
	if err := postgres.Later(ctx, tx, "record "+fact.ID.String()+" as handled", batch); err != nil {
		return false, false, err
	}
	if err := ahead(); err != nil {
		return false, false, err
	}
	if err := postgres.Now(ctx, tx); err != nil {
		return false, false, err
	}
	return fresh, waiting, nil
}

func nothing() error { return nil }
