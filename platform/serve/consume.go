package serve

import (
	"context"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"quadrille.dev/platform/inbox"
	"quadrille.dev/platform/recall"
)

// consuming lets the loops that take messages end before all others.
type consuming struct {
	stop    chan struct{}
	running sync.WaitGroup
}

func (c *consuming) end() {
	close(c.stop)
	c.running.Wait()
}

// loop runs consume until ctx ends or end is called.
func (c *consuming) loop(consume Loop) Loop {
	c.running.Add(1)
	return func(ctx context.Context) error {
		defer c.running.Done()
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		go func() {
			select {
			case <-c.stop:
				cancel()
			case <-ctx.Done():
			}
		}()
		return consume(ctx)
	}
}

// together is how many messages that wait are handled in one transaction: with so many, a commit costs each next to nothing.
const together = 32

// Consumer is the loop that brings the facts of routes to the context, whose parked messages operators can see to. bind makes the store that lives in a transaction.
func Consumer[S any](h *Host, routes inbox.Routes[S], bind func(pgx.Tx) S) Loop {
	consumer := inbox.NewConsumer(inbox.Config{
		DB: h.DB, Broker: h.Broker, Log: h.Log, DoubtBefore: h.restored, Metrics: h.registry, Together: together, Prefetch: 4 * together,
	}, routes, bind)
	h.parking = consumer.Parking()
	return h.consuming.loop(consumer.Run)
}

// DoubtsBegin tells whether the database was restored from a backup, however long ago: what was intended before may have been done. That
// it is asked again does no harm.
func (h *Host) DoubtsBegin() bool { return h.restored.After(time.Unix(0, 0)) }

// Recall has the context remember, before it does anything else, what it told others and forgot because its database was restored from
// a backup. Routes are for its own facts.
func Recall[S any](ctx context.Context, h *Host, routes inbox.Routes[S], bind func(pgx.Tx) S) error {
	recalled, err := recall.All(ctx, h.DB, routes, bind)
	if recalled > 0 {
		h.Log.WarnContext(ctx, "the database was restored from a backup: facts recalled", "facts", recalled)
	}
	return err
}
