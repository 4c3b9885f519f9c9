// Command provider runs the sandbox payment provider.
package main

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/caarlos0/env/v11"

	"quadrille.dev/stack/internal/provider"
	"quadrille.dev/stack/internal/sandbox"
)

type config struct {
	Listen string `env:"LISTEN" envDefault:"127.0.0.1:0"`
	// Ledger is the path of the file that remembers everything.
	Ledger string `env:"LEDGER,required"`
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	slog.SetDefault(slog.New(slog.NewJSONHandler(os.Stderr, nil)))
	if err := run(ctx); err != nil {
		slog.Error("provider ended", "error", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	config, err := env.ParseAs[config]()
	if err != nil {
		return err
	}
	p, err := provider.Open(config.Ledger)
	if err != nil {
		return err
	}
	return errors.Join(sandbox.Serve(ctx, "provider", config.Listen, p.Handler()), p.Close())
}
