package inbox

import (
	"context"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"quadrille.dev/platform/event"
)

// handle runs the use case in the transaction that records the message as handled. A message that was handled before
// changes nothing; one whose aggregate has earlier messages waiting is appended behind them.
func (c *Consumer[S]) handle(ctx context.Context, body []byte, fact event.Envelope) error {
	return c.inTx(ctx, fact, func(ctx context.Context, tx pgx.Tx, run func() error) error {
		fresh, waiting, err := recordHandled(ctx, tx, c.name, fact, 1)
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
		return run()
	})
}

// handleTimeout bounds one attempt. The end of the consumer does not cut it short.
const handleTimeout = 30 * time.Second

// inTx gives one attempt its transaction, its time, its place in the trace, and a net for panics.
func (c *Consumer[S]) inTx(
	ctx context.Context, fact event.Envelope, do func(ctx context.Context, tx pgx.Tx, run func() error) error,
) (err error) {
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
	ctx = c.doubt(ctx, fact)
	return c.config.DB.InTx(ctx, func(tx pgx.Tx) error {
		return do(ctx, tx, func() error { return c.routes.Handle(ctx, c.bind(tx), fact, at) })
	})
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
// another transaction handles the message, it waits for that. Attempts include the present one.
func recordHandled(ctx context.Context, tx pgx.Tx, consumer string, fact event.Envelope, attempts int) (fresh, waiting bool, err error) {
	batch := &pgx.Batch{}
	batch.Queue(`INSERT INTO inbox (consumer, message_id, attempts) VALUES ($1, $2, nullif($3::integer, 1)) ON CONFLICT DO NOTHING`,
		consumer, fact.ID, attempts).
		Exec(func(tag pgconn.CommandTag) error {
			fresh = isFresh(tag.RowsAffected())
			return nil
		})
	batch.Queue(anyWaiting, consumer, fact.Source, fact.Subject).QueryRow(func(row pgx.Row) error { return row.Scan(&waiting) })
	if err := tx.SendBatch(ctx, batch).Close(); err != nil {
		return false, false, fmt.Errorf("record %s as handled: %w", fact.ID, err)
	}
	return fresh, waiting, nil
}
