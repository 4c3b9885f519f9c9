// Package fulfillment is the door of the context that sends the parcels.
package fulfillment

import (
	"context"

	"quadrille.dev/platform/serve"
	"quadrille.dev/schema/rpc/fulfillment/v1/fulfillmentv1connect"
	"quadrille.dev/services/fulfillment/internal/acl"
	store "quadrille.dev/services/fulfillment/internal/postgres"
	"quadrille.dev/services/fulfillment/internal/rpc"
	"quadrille.dev/services/fulfillment/migrations"
)

// Config is what fulfillment reads from its environment.
type Config struct {
	serve.Config
	// CarrierURL is where the carrier is.
	CarrierURL string `env:"CARRIER_URL,required"`
}

// Context is fulfillment, ready to run.
type Context struct{ config Config }

// New is fulfillment with a configuration.
func New(config Config) *Context { return &Context{config} }

// Facts lists what fulfillment reacts to.
func Facts() []string { return acl.Routes().Facts() }

// Run serves until ctx ends.
func (c *Context) Run(ctx context.Context) error {
	host, err := serve.Open(ctx, c.config.Config, "fulfillment", migrations.FS)
	if err != nil {
		return err
	}
	calls := newCalls(host.DB, host.Log, acl.NewCarrier(c.config.CarrierURL, 3*slots))
	shipments := rpc.Shipments{Reader: store.Reader{Pool: host.DB.Pool}}
	host.Handle(fulfillmentv1connect.NewFulfillmentServiceHandler(shipments, host.Options()...))
	facts := serve.Consumer(host, acl.Routes(), calls.bind)
	return host.Run(ctx, facts, calls.first.Run, calls.again.Run, calls.tracking.Run)
}
