// Package inventory counts the goods: what there is, what of it is promised to which order, and what has left.
package inventory

import (
	"context"
	"time"

	"quadrille.dev/platform/audit"
	"quadrille.dev/platform/serve"
	"quadrille.dev/schema/rpc/inventory/v1/inventoryv1connect"
	"quadrille.dev/services/inventory/internal/acl"
	"quadrille.dev/services/inventory/internal/postgres"
	"quadrille.dev/services/inventory/internal/rpc"
	"quadrille.dev/services/inventory/migrations"
)

// Config is what inventory reads from its environment.
type Config struct {
	serve.Config
}

// Context is inventory as a program.
type Context struct{ config Config }

// New makes the context; Run does everything.
func New(config Config) *Context { return &Context{config} }

// Facts lists what inventory reacts to: "ordering.order.placed".
func Facts() []string { return acl.Routes().Facts() }

// Published lists what inventory publishes.
func Published() []string { return append(acl.Published{}.Facts(), audit.Fact("inventory")) }

// Run serves until ctx ends.
func (c *Context) Run(ctx context.Context) error {
	config := c.config.Config
	config.PlansOnce = true
	host, err := serve.Open(ctx, config, "inventory", migrations.FS)
	if err != nil {
		return err
	}
	database := &postgres.Database{DB: host.DB, Language: acl.Published{}}
	watch := watchLevels(database.Levels, func(ctx context.Context, levels stockLevels) {
		host.Broker.Signal(ctx, "stock.level", levels)
	}, host.Log)
	database.Changed = watch.note

	host.Handle(inventoryv1connect.NewInventoryServiceHandler(
		&rpc.Inventory{Database: database, Now: time.Now}, host.Options()...))
	if err := serve.Recall(ctx, host, acl.Recalled(), database.Store); err != nil {
		return err
	}
	return host.Run(ctx, serve.Consumer(host, acl.Routes(), database.Store), watch.run)
}
