// Command witness takes part in a chaos run: it hears every fact as any context would, through the inbox that all share, and does with
// each the one thing that must not be done twice. It counts it.
package main

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/caarlos0/env/v11"
	"github.com/jackc/pgx/v5"

	"quadrille.dev/platform/event"
	"quadrille.dev/platform/inbox"
	"quadrille.dev/platform/serve"
)

//go:embed *.sql
var migrations embed.FS

func main() {
	if err := run(migrations); err != nil {
		fmt.Fprintln(os.Stderr, "witness:", err)
		os.Exit(1)
	}
}

func run(migrations fs.FS) error {
	config, err := env.ParseAs[serve.Config]()
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	host, err := serve.Open(ctx, config, "witness", migrations)
	if err != nil {
		return err
	}
	routes := inbox.Routes[pgx.Tx]{{Fact: "#", Handle: count}}
	return host.Run(ctx, serve.Consumer(host, routes, func(tx pgx.Tx) pgx.Tx { return tx }))
}

func count(ctx context.Context, tx pgx.Tx, fact event.Envelope, _ time.Time) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO tally (message_id, name, times) VALUES ($1, $2, 1)
		ON CONFLICT (message_id) DO UPDATE SET times = tally.times + 1`, fact.ID, fact.Name())
	if err != nil {
		return fmt.Errorf("count %s: %w", fact.ID, err)
	}
	return nil
}
