package inbox

import (
	"context"
	"time"

	"quadrille.dev/platform/postgres"
)

// pingTimeout bounds the question whether the database is there.
const pingTimeout = 2 * time.Second

// databaseDown tells a failure of the database from one of the handler.
func (c *Consumer[S]) databaseDown(ctx context.Context, err error) bool {
	if postgres.Away(err) {
		return true
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), pingTimeout)
	defer cancel()
	return c.config.DB.Ping(ctx) != nil
}

// awaitDatabase returns when the database answers or ctx has ended. Of many that wait, one asks.
func (c *Consumer[S]) awaitDatabase(ctx context.Context) {
	select {
	case c.awaiting <- struct{}{}:
		defer func() { <-c.awaiting }()
	case <-ctx.Done():
		return
	}
	if err := c.config.DB.Await(ctx); err != nil {
		c.config.Log.Error("no database", "error", err)
	}
}
