// Command chronicle runs the context chronicle.
package main

import (
	"context"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/caarlos0/env/v11"

	"quadrille.dev/services/chronicle"
)

func main() {
	config, err := env.ParseAs[chronicle.Config]()
	if err == nil {
		ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
		defer stop()
		err = chronicle.New(config).Run(ctx)
	}
	if err != nil {
		slog.Error("chronicle failed", "error", err)
		os.Exit(1)
	}
}
