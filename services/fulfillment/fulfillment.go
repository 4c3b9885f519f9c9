// Package fulfillment is the door of the context that sends the parcels, and has those collected that come back.
package fulfillment

import (
	"cmp"
	"context"
	"errors"
	"time"

	"quadrille.dev/platform/serve"
	"quadrille.dev/schema/rpc/fulfillment/v1/fulfillmentv1connect"
	"quadrille.dev/services/fulfillment/internal/acl"
	store "quadrille.dev/services/fulfillment/internal/postgres"
	"quadrille.dev/services/fulfillment/internal/rpc"
	"quadrille.dev/services/fulfillment/internal/shipment"
	"quadrille.dev/services/fulfillment/migrations"
)

// Config is what fulfillment reads from its environment.
type Config struct {
	serve.Config
	// CarrierURL is where the carrier is.
	CarrierURL string `env:"CARRIER_URL,required"`
	// RetryMax is the longest pause before a call to the carrier is made again whose answer was lost; 30 seconds if zero.
	RetryMax time.Duration `env:"CALL_RETRY_MAX" envDefault:"30s"`
	// StalledAfter is after how many tries in vain people are told of a call; 10 if zero.
	StalledAfter int `env:"CALL_STALLED_AFTER" envDefault:"10"`
}

// Validate tells what cannot work.
func (c Config) Validate() error {
	if c.RetryMax < 0 || c.StalledAfter < 0 {
		return errors.New("CALL_RETRY_MAX or CALL_STALLED_AFTER is below zero")
	}
	return nil
}

func (c Config) patience() shipment.Patience {
	return shipment.Patience{
		First: 500 * time.Millisecond, Longest: cmp.Or(c.RetryMax, 30*time.Second), Tries: cmp.Or(c.StalledAfter, 10),
	}
}

// Context is fulfillment, ready to run.
type Context struct{ config Config }

// New is fulfillment with a configuration.
func New(config Config) *Context { return &Context{config} }

// Facts lists what fulfillment reacts to.
func Facts() []string { return acl.Routes().Facts() }

// Run serves until ctx ends.
func (c *Context) Run(ctx context.Context) error {
	if err := c.config.Validate(); err != nil {
		return err
	}
	config := c.config.Config
	config.PlansOnce = true
	host, err := serve.Open(ctx, config, "fulfillment", migrations.FS)
	if err != nil {
		return err
	}
	calls := newCalls(host.DB, host.Log, acl.NewCarrier(c.config.CarrierURL, 3*slots), c.config.patience())
	shipments := rpc.Shipments{Reader: store.Reader{Pool: host.DB.Pool}, Desk: desk{calls}, Now: time.Now}
	host.Handle(fulfillmentv1connect.NewFulfillmentServiceHandler(shipments, host.Options()...))
	if err := calls.recall(ctx, host); err != nil {
		return err
	}
	facts := serve.Consumer(host, acl.Routes(), calls.bind)
	return host.Run(ctx, append([]serve.Loop{facts}, calls.loops()...)...)
}
