package serve

import (
	"context"
	"sync"

	"github.com/jackc/pgx/v5"

	"quadrille.dev/platform/inbox"
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

// Consumer is the loop that brings the facts of routes to the context, whose parked messages operators can see to. bind makes the store that lives in a transaction.
func Consumer[S any](h *Host, routes inbox.Routes[S], bind func(pgx.Tx) S) Loop {
	consumer := inbox.NewConsumer(inbox.Config{DB: h.DB, Broker: h.Broker, Log: h.Log}, routes, bind)
	h.parking = consumer.Parking()
	return h.consuming.loop(consumer.Run)
}
