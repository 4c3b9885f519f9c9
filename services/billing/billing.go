// Package billing is the door of the context that takes the money: payments and invoices.
package billing

import (
	"context"

	"quadrille.dev/platform/serve"
	"quadrille.dev/schema/rpc/billing/v1/billingv1connect"
	"quadrille.dev/services/billing/internal/acl"
	store "quadrille.dev/services/billing/internal/postgres"
	"quadrille.dev/services/billing/internal/rpc"
	"quadrille.dev/services/billing/migrations"
)

// Config is what billing reads from its environment.
type Config struct {
	serve.Config
	// ProviderURL is where the payment provider is.
	ProviderURL string `env:"PROVIDER_URL,required"`
}

// Context is billing, ready to run.
type Context struct{ config Config }

// New is billing with a configuration.
func New(config Config) *Context { return &Context{config} }

// Facts lists what billing reacts to.
func Facts() []string { return acl.Routes().Facts() }

// Run serves until ctx ends.
func (c *Context) Run(ctx context.Context) error {
	host, err := serve.Open(ctx, c.config.Config, "billing", migrations.FS)
	if err != nil {
		return err
	}
	provider := acl.NewProvider(c.config.ProviderURL, 2*slots)
	calls := newCalls(host.DB, host.Log, provider)
	host.Handle(billingv1connect.NewBillingServiceHandler(rpc.Accounts{Reader: store.Reader{Pool: host.DB.Pool}}, host.Options()...))
	facts := serve.Consumer(host, acl.Routes(), calls.bind)
	return host.Run(ctx, facts, calls.first.Run, calls.again.Run)
}
