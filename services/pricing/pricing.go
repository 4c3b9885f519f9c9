// Package pricing knows what things cost: list prices, what tiers and promotions take off, and what an order comes to.
package pricing

import (
	"context"
	"time"

	"quadrille.dev/platform/audit"
	"quadrille.dev/platform/serve"
	"quadrille.dev/schema/rpc/pricing/v1/pricingv1connect"
	"quadrille.dev/services/pricing/internal/acl"
	"quadrille.dev/services/pricing/internal/postgres"
	"quadrille.dev/services/pricing/internal/rpc"
	"quadrille.dev/services/pricing/migrations"
)

// Config is what pricing reads from its environment.
type Config struct {
	serve.Config
}

// Context is pricing as a program.
type Context struct{ config Config }

// New makes the context; Run does everything.
func New(config Config) *Context { return &Context{config} }

// Facts lists what pricing reacts to: nothing.
func Facts() []string { return nil }

// Published lists what pricing publishes.
func Published() []string { return append(acl.Facts(), audit.Fact("pricing")) }

// Run serves until ctx ends.
func (c *Context) Run(ctx context.Context) error {
	config := c.config.Config
	config.PlansOnce = true
	host, err := serve.Open(ctx, config, "pricing", migrations.FS)
	if err != nil {
		return err
	}
	host.Handle(pricingv1connect.NewPricingServiceHandler(&rpc.Pricing{
		Database: &postgres.Database{DB: host.DB, Publish: acl.Published},
		Now:      time.Now,
	}, host.Options()...))
	return host.Run(ctx, alive(host.Broker.Signal))
}
