// Command fulfillment runs the fulfillment context.
package main

import (
	"context"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/caarlos0/env/v11"

	"quadrille.dev/services/fulfillment"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	config, err := env.ParseAs[fulfillment.Config]()
	if err == nil {
		err = fulfillment.New(config).Run(ctx)
	}
	if err != nil {
		slog.Error("fulfillment ended", "error", err)
		os.Exit(1)
	}
}
