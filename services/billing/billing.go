// Package billing is the door of the context that takes the money: payments, invoices and credit notes.
package billing

import (
	"cmp"
	"context"
	"errors"
	"time"

	"quadrille.dev/platform/serve"
	"quadrille.dev/schema/rpc/billing/v1/billingv1connect"
	"quadrille.dev/schema/rpc/customers/v1/customersv1connect"
	"quadrille.dev/services/billing/internal/account"
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
	// CustomersURL is where customers tells who is billed.
	CustomersURL string `env:"CUSTOMERS_URL,required"`
	// RetryMax is the longest pause before a call to the provider is made again whose answer was lost; 30 seconds if zero.
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

func (c Config) patience() account.Patience {
	return account.Patience{
		First: 500 * time.Millisecond, Longest: cmp.Or(c.RetryMax, 30*time.Second), Tries: cmp.Or(c.StalledAfter, 10),
	}
}

// Context is billing, ready to run.
type Context struct{ config Config }

// New is billing with a configuration.
func New(config Config) *Context { return &Context{config} }

// Facts lists what billing reacts to.
func Facts() []string { return acl.Routes().Facts() }

// silence is how long customers may take to answer.
const silence = 3 * time.Second

// Run serves until ctx ends.
func (c *Context) Run(ctx context.Context) error {
	if err := c.config.Validate(); err != nil {
		return err
	}
	config := c.config.Config
	config.PlansOnce = true
	host, err := serve.Open(ctx, config, "billing", migrations.FS)
	if err != nil {
		return err
	}
	provider := acl.NewProvider(c.config.ProviderURL, 2*slots+2*refundSlots)
	client := host.Client("customers", silence)
	customers := acl.Customers{
		Client: customersv1connect.NewCustomersServiceClient(client.HTTP, c.config.CustomersURL, client.Options...),
	}
	calls := newCalls(host.DB, host.Log, provider, customers, c.config.patience())
	accounts := rpc.Accounts{Reader: store.Reader{Pool: host.DB.Pool}, Desk: desk{calls}, Now: time.Now}
	host.Handle(billingv1connect.NewBillingServiceHandler(accounts, host.Options()...))
	if err := calls.recall(ctx, host); err != nil {
		return err
	}
	facts := serve.Consumer(host, acl.Routes(), calls.bind)
	return host.Run(ctx, facts, calls.first.Run, calls.again.Run, calls.refunds.Run, calls.refundsAgain.Run, calls.questions.Run)
}
