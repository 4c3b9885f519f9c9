package inbox

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"quadrille.dev/platform/event"
)

// retryEvery is how often the loop looks for messages that are due.
const retryEvery = time.Second

// retryLoop retries what is set aside, as it falls due, until ctx ends.
func (c *Consumer[S]) retryLoop(ctx context.Context) {
	ticker := time.NewTicker(min(retryEvery, c.config.Retry.First))
	defer ticker.Stop()
	for {
		err := c.retryDue(ctx)
		if ctx.Err() != nil {
			return
		}
		if err != nil {
			c.config.Log.Error("cannot retry", "error", err)
			c.table.awaitDatabase(ctx)
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		case <-c.setAside:
		}
	}
}

// retryDue retries all that is due, and what is released by it, in order.
func (c *Consumer[S]) retryDue(ctx context.Context) error {
	for ctx.Err() == nil {
		due, err := c.table.due(ctx)
		if err != nil {
			return err
		}
		progress := false
		for _, id := range due {
			mine, err := c.table.retry(ctx, id)
			if err != nil {
				return err
			}
			progress = progress || mine
		}
		if !progress {
			return nil
		}
	}
	return nil
}

func (c *Consumer[S]) due(ctx context.Context) ([]uuid.UUID, error) {
	rows, err := c.config.DB.Query(ctx, `
		SELECT message_id FROM waiting WHERE consumer = $1 AND state = 'RETRYING' AND next_attempt_at <= now()
		ORDER BY next_attempt_at, position LIMIT 100`, c.name)
	if err != nil {
		return nil, fmt.Errorf("find messages to retry: %w", err)
	}
	due, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	if err != nil {
		return nil, fmt.Errorf("find messages to retry: %w", err)
	}
	return due, nil
}

// retry makes one attempt at a message, unless another instance has it. Its error is the database's; the handler's is stored.
func (c *Consumer[S]) retry(ctx context.Context, id uuid.UUID) (mine bool, err error) {
	if ctx.Err() != nil {
		return false, ctx.Err()
	}
	body, attempts, err := c.load(ctx, id)
	if err != nil || attempts < 0 {
		return false, err
	}
	fact, err := event.Decode(body)
	if err != nil {
		return false, err
	}
	ctx = about(ctx, fact)
	failed := c.attempt(ctx, fact, func(ctx context.Context, at time.Time) error {
		return c.config.DB.InTx(ctx, func(tx pgx.Tx) (err error) {
			if mine, err = lockDue(ctx, tx, c.name, id, body); err != nil || !mine {
				return err
			}
			fresh, _, err := recordHandled(ctx, tx, c.name, fact, attempts+1, nothing)
			if err != nil {
				return err
			}
			if err := release(ctx, tx, c.name, fact); err != nil || !fresh {
				return err
			}
			return c.routes.Handle(ctx, c.bind(tx), fact, at)
		})
	})
	if failed == nil {
		return mine, nil
	}
	if c.databaseDown(ctx, failed) {
		return false, failed
	}
	return true, c.postpone(ctx, id, attempts+1, failed)
}

// load reads a message; attempts is negative if it is not there any more.
func (c *Consumer[S]) load(ctx context.Context, id uuid.UUID) (body []byte, attempts int, err error) {
	err = c.config.DB.QueryRow(ctx,
		`SELECT envelope, attempts FROM waiting WHERE consumer = $1 AND message_id = $2`, c.name, id).Scan(&body, &attempts)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, -1, nil
	}
	if err != nil {
		return nil, 0, fmt.Errorf("load %s: %w", id, err)
	}
	return body, attempts, nil
}

// lockDue answers false if another instance has the message, or had it, or if it is no longer what was loaded.
func lockDue(ctx context.Context, tx pgx.Tx, consumer string, id uuid.UUID, body []byte) (mine bool, err error) {
	err = tx.QueryRow(ctx, `
		SELECT true FROM waiting
		WHERE consumer = $1 AND message_id = $2 AND state = 'RETRYING' AND next_attempt_at <= now() AND envelope = $3
		FOR UPDATE SKIP LOCKED`, consumer, id, body).Scan(&mine)
	if errors.Is(err, pgx.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("lock %s: %w", id, err)
	}
	return mine, nil
}

// postpone notes a failed attempt, and parks the message when it was the last or none can help. If another instance has noted one
// meanwhile, it leaves it at that.
func (c *Consumer[S]) postpone(ctx context.Context, id uuid.UUID, attempts int, reason error) error {
	state, rest := c.config.after(attempts, reason)
	c.config.Log.ErrorContext(ctx, "retry failed", "attempts", attempts, "state", state, "error", reason)
	_, err := c.config.DB.Exec(context.WithoutCancel(ctx), `
		UPDATE waiting SET state = $3, attempts = $4, error = $5, first_failed_at = coalesce(first_failed_at, now()),
		                   last_failed_at = now(), next_attempt_at = now() + make_interval(secs => $6)
		WHERE consumer = $1 AND message_id = $2 AND state = 'RETRYING' AND attempts = $4 - 1`,
		c.name, id, state, attempts, text(reason), rest.Seconds())
	if err != nil {
		return fmt.Errorf("note failure of %s: %w", id, err)
	}
	return nil
}
