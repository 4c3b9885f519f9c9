// Package catalog keeps the products: what they are called, what is said of them, and whether they are on sale.
package catalog

import (
	"context"
	"time"

	"github.com/google/uuid"

	"quadrille.dev/platform/audit"
	"quadrille.dev/platform/serve"
	"quadrille.dev/schema/rpc/catalog/v1/catalogv1connect"
	"quadrille.dev/services/catalog/internal/acl"
	"quadrille.dev/services/catalog/internal/postgres"
	"quadrille.dev/services/catalog/internal/rpc"
	"quadrille.dev/services/catalog/migrations"
)

// Config is what catalog reads from its environment.
type Config struct {
	serve.Config
}

// Context is catalog as a program.
type Context struct{ config Config }

// New makes the context; Run does everything.
func New(config Config) *Context { return &Context{config} }

// Facts lists what catalog reacts to: nothing.
func Facts() []string { return nil }

// Published lists what catalog publishes.
func Published() []string { return append(acl.Facts(), audit.Fact("catalog")) }

// Run serves until ctx ends.
func (c *Context) Run(ctx context.Context) error {
	host, err := serve.Open(ctx, c.config.Config, "catalog", migrations.FS)
	if err != nil {
		return err
	}
	host.Handle(catalogv1connect.NewCatalogServiceHandler(&rpc.Catalog{
		Database: &postgres.Database{DB: host.DB, Publish: acl.Published},
		Now:      time.Now,
		NewID:    func() uuid.UUID { return uuid.Must(uuid.NewV7()) },
	}, host.Options()...))
	return host.Run(ctx)
}
