// Command billing runs the billing context.
package main

import (
	"context"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/caarlos0/env/v11"

	"quadrille.dev/services/billing"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	config, err := env.ParseAs[billing.Config]()
	if err == nil {
		err = billing.New(config).Run(ctx)
	}
	if err != nil {
		slog.Error("billing ended", "error", err)
		os.Exit(1)
	}
}
