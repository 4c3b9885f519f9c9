// Command carrier runs the sandbox carrier.
package main

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/caarlos0/env/v11"

	"quadrille.dev/stack/internal/carrier"
	"quadrille.dev/stack/internal/sandbox"
)

type config struct {
	Listen string `env:"LISTEN" envDefault:"127.0.0.1:0"`
	// Ledger is the path of the file that remembers everything.
	Ledger string `env:"LEDGER,required"`
	// DeliveryAfter is how long a parcel travels.
	DeliveryAfter time.Duration `env:"DELIVERY_AFTER" envDefault:"5s"`
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	slog.SetDefault(slog.New(slog.NewJSONHandler(os.Stderr, nil)))
	if err := run(ctx); err != nil {
		slog.Error("carrier ended", "error", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	config, err := env.ParseAs[config]()
	if err != nil {
		return err
	}
	c, err := carrier.Open(config.Ledger, config.DeliveryAfter)
	if err != nil {
		return err
	}
	return errors.Join(sandbox.Serve(ctx, "carrier", config.Listen, c.Handler()), c.Close())
}
