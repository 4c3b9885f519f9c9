// Command gateway serves the client's API.
package main

import (
	"context"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/caarlos0/env/v11"

	"quadrille.dev/gateway"
)

func main() {
	config, err := env.ParseAs[gateway.Config]()
	if err != nil {
		slog.Error("read environment", "error", err)
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	if err := gateway.New(config).Run(ctx); err != nil {
		slog.Error("gateway", "error", err)
		os.Exit(1)
	}
}
