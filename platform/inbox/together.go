package inbox

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"go.opentelemetry.io/otel/trace"

	"quadrille.dev/platform/event"
	"quadrille.dev/platform/postgres"
	"quadrille.dev/platform/telemetry"
)

// gather has messages that wait be handled together, if they are to be.
func (c *Consumer[S]) gather() {
	if c.config.Together > 1 {
		c.gathering = newGathering(c.config.Together, c.config.Workers, c.config.Prefetch, func(run func()) { c.workers.running.Go(run) }, c.takeTogether)
	}
}

// takeTogether handles messages in one transaction and acknowledges them. If that fails, none of them has had an effect, and each is handled
// by itself, as if it had come alone; whoever waits for a transaction does not wait for that.
func (c *Consumer[S]) takeTogether(messages []message) {
	begun := messages[:0:0]
	for _, m := range messages {
		if stopped(m.ctx, m.delivery) {
			c.gathering.done(m)
			continue
		}
		begun = append(begun, m)
	}
	if len(begun) == 0 {
		return
	}
	if err := c.tryTogether(begun); err != nil {
		c.eachByItself(begun, err)
		return
	}
	deliveries := make([]delivery, len(begun))
	for i, m := range begun {
		deliveries[i] = m.delivery
	}
	deliveries[0].ackAll(deliveries)
	c.gathering.done(begun...)
	c.gathering.worked()
}

func (c *Consumer[S]) tryTogether(messages []message) error {
	if len(messages) == 1 {
		m := messages[0]
		return c.table.handle(m.ctx, m.delivery.Body(), m.fact)
	}
	return c.table.handleTogether(messages)
}

func (c *Consumer[S]) eachByItself(messages []message, reason error) {
	if collided(reason) {
		c.gathering.collided()
	}
	if len(messages) > 1 {
		c.config.Log.Warn("messages are handled each by itself", "messages", len(messages), "error", reason)
	}
	for _, m := range messages {
		c.workers.submit(m.fact.Subject, func() {
			defer c.gathering.done(m)
			c.process(m.ctx, m.delivery, m.fact)
		})
	}
}

// lockPatience is how long a transaction of several messages waits for what others hold. It holds much itself, and whoever needs that may
// be the one it waits for.
const lockPatience = "100ms"

// collided tells that a transaction gave up, or was given up, because of what others hold.
func collided(err error) bool {
	var failure *pgconn.PgError
	return errors.As(err, &failure) && (failure.Code == "55P03" || failure.Code == "40P01" || failure.Code == "40001")
}

// handleTogether runs the use cases of messages in one transaction, which records them as handled: all take effect or none. What they need
// is locked in the round trip that records them, unless it turns out that others of their aggregates wait: see handleFirst.
func (c *Consumer[S]) handleTogether(messages []message) error {
	c.slots <- struct{}{}
	defer func() { <-c.slots }()
	ctx, cancel := context.WithTimeout(context.Background(), handleTimeout)
	defer cancel()
	ctx, end := telemetry.Batch(ctx, "process batch", messages, func(m message) context.Context { return m.ctx })
	defer end()
	err := c.inOneTransaction(ctx, messages, true)
	if errors.Is(err, errOthersWait) {
		err = c.inOneTransaction(ctx, messages, false)
	}
	return err
}

// inOneTransaction handles messages, either all first or those behind others that wait for them.
func (c *Consumer[S]) inOneTransaction(ctx context.Context, messages []message, first bool) error {
	var ends []func(error)
	err := c.config.DB.InTx(ctx, func(tx pgx.Tx) error {
		ends = ends[:0]
		store, ahead := c.bind(tx), nothing
		if first {
			ahead = func() error { return c.lookAhead(ctx, store, messages, nil) }
		}
		recorded, waiting, err := recordAllHandled(ctx, tx, c.name, messages, ahead)
		switch {
		case err != nil:
			return err
		case first && len(waiting) > 0:
			return errOthersWait
		}
		todo := c.unhandled(messages, recorded)
		if !first {
			if err := c.lookAhead(ctx, store, todo, waiting); err != nil {
				return err
			}
		}
		for _, m := range todo {
			end, err := c.oneOfMany(ctx, tx, store, m, waiting[aggregateOf(m.fact)])
			if err != nil {
				return err
			}
			ends = append(ends, end)
		}
		return nil
	})
	if err != nil {
		return err // Each gets its span when it is handled by itself.
	}
	for _, end := range ends {
		end(nil)
	}
	return nil
}

// unhandled are the messages that were not handled before, each once.
func (c *Consumer[S]) unhandled(messages []message, recorded map[uuid.UUID]int64) []message {
	todo := make([]message, 0, len(messages))
	for _, m := range messages {
		if !isFresh(recorded[m.fact.ID]) {
			c.config.Log.DebugContext(m.ctx, "handled before")
			continue
		}
		delete(recorded, m.fact.ID)
		todo = append(todo, m)
	}
	return todo
}

// lookAhead tells the routes of the messages that do not wait behind others.
func (c *Consumer[S]) lookAhead(ctx context.Context, store S, messages []message, waiting map[aggregate]bool) (err error) {
	facts := make([]event.Envelope, 0, len(messages))
	for _, m := range messages {
		if !waiting[aggregateOf(m.fact)] {
			facts = append(facts, m.fact)
		}
	}
	return c.routes.Ahead(ctx, store, facts)
}

// oneOfMany handles one of several messages of a transaction, which ctx bounds, in its place in the trace. The caller ends that.
func (c *Consumer[S]) oneOfMany(
	ctx context.Context, tx pgx.Tx, store S, m message, waiting bool,
) (end func(error), err error) {
	batch := trace.LinkFromContext(ctx)
	ctx, end = c.startSpan(within{ctx, m.ctx}, m.fact)
	trace.SpanFromContext(ctx).AddLink(batch)
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("handle %s: panic: %v", m.fact.Name(), r)
			c.config.Log.ErrorContext(ctx, "handler panicked", "panic", r, "stack", string(debug.Stack()))
		}
	}()
	if waiting {
		if behind, err := appendBehind(ctx, tx, c.name, m.delivery.Body(), m.fact); err != nil || behind {
			return end, err
		}
	}
	return end, c.routes.Handle(c.doubt(ctx, m.fact), store, m.fact, c.config.Now())
}

// within is a context that ends with one, and knows what another does.
type within struct {
	context.Context
	values context.Context
}

func (w within) Value(key any) any { return w.values.Value(key) }

type aggregate struct{ source, subject string }

func aggregateOf(fact event.Envelope) aggregate { return aggregate{fact.Source, fact.Subject} }

// recordAllHandled answers how often each message was recorded just now, which is once unless it was before, and of which aggregates messages
// wait. While another transaction handles one of the messages, it waits for that, but not for long. What ahead does first goes in the same
// round trip, and is done also for messages that are not fresh.
func recordAllHandled(
	ctx context.Context, tx pgx.Tx, consumer string, messages []message, ahead func() error,
) (recorded map[uuid.UUID]int64, waiting map[aggregate]bool, err error) {
	ids := make([][16]byte, len(messages)) // The driver goes through the text of a uuid.UUID.
	sources, subjects := make([]string, len(messages)), make([]string, len(messages))
	for i, m := range messages {
		ids[i], sources[i], subjects[i] = m.fact.ID, m.fact.Source, m.fact.Subject
	}
	recorded, waiting = make(map[uuid.UUID]int64, len(messages)), map[aggregate]bool{}
	batch := &pgx.Batch{}
	batch.Queue(`SET LOCAL lock_timeout = '` + lockPatience + `'`)
	batch.Queue(`
		INSERT INTO inbox (consumer, message_id) SELECT $1, unnest($2::uuid[]) ON CONFLICT DO NOTHING RETURNING message_id`, consumer, ids,
	).Query(func(rows pgx.Rows) error {
		var id [16]byte
		_, err := pgx.ForEachRow(rows, []any{&id}, func() error { recorded[id]++; return nil })
		return err
	})
	batch.Queue(`
		SELECT DISTINCT source, subject FROM waiting JOIN unnest($2::text[], $3::text[]) AS a (source, subject) USING (source, subject)
		WHERE consumer = $1`, consumer, sources, subjects,
	).Query(func(rows pgx.Rows) error {
		var a aggregate
		_, err := pgx.ForEachRow(rows, []any{&a.source, &a.subject}, func() error { waiting[a] = true; return nil })
		return err
	})
	if err := postgres.Later(ctx, tx, fmt.Sprintf("record %d messages as handled", len(messages)), batch); err != nil {
		return nil, nil, err
	}
	if err := ahead(); err != nil {
		return nil, nil, err
	}
	if err := postgres.Now(ctx, tx); err != nil {
		return nil, nil, err
	}
	return recorded, waiting, nil
}
