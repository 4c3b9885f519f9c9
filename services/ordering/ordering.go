// Package ordering is the core of the shop: it accepts orders, decides what becomes of each, and sees to returns.
package ordering

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"quadrille.dev/platform/audit"
	"quadrille.dev/platform/serve"
	"quadrille.dev/schema/rpc/catalog/v1/catalogv1connect"
	"quadrille.dev/schema/rpc/customers/v1/customersv1connect"
	"quadrille.dev/schema/rpc/inventory/v1/inventoryv1connect"
	"quadrille.dev/schema/rpc/ordering/v1/orderingv1connect"
	"quadrille.dev/schema/rpc/pricing/v1/pricingv1connect"
	"quadrille.dev/services/ordering/internal/acl"
	"quadrille.dev/services/ordering/internal/app"
	"quadrille.dev/services/ordering/internal/postgres"
	"quadrille.dev/services/ordering/internal/returns"
	"quadrille.dev/services/ordering/internal/rpc"
	"quadrille.dev/services/ordering/migrations"
)

// Config is what ordering reads from its environment.
type Config struct {
	serve.Config
	// Deadline is how long an order may stay undecided before it is cancelled.
	Deadline time.Duration `env:"ORDER_DEADLINE" envDefault:"15m"`
	// StepTimeout is how long a context may take to answer what it is asked for a return, StepTries how often it is asked before the step
	// has failed, and UndoTries how often it is asked to undo its part before an operator has to see to it.
	StepTimeout  time.Duration `env:"RETURN_STEP_TIMEOUT" envDefault:"30s"`
	StepTries    int           `env:"RETURN_STEP_TRIES" envDefault:"3"`
	UndoTries    int           `env:"RETURN_UNDO_TRIES" envDefault:"10"`
	CatalogURL   string        `env:"CATALOG_URL,required"`
	CustomersURL string        `env:"CUSTOMERS_URL,required"`
	PricingURL   string        `env:"PRICING_URL,required"`
	InventoryURL string        `env:"INVENTORY_URL,required"`
	ChronicleURL string        `env:"CHRONICLE_URL,required"`
}

// Validate tells what cannot work.
func (c Config) Validate() error {
	switch {
	case c.Deadline <= 0:
		return errors.New("ORDER_DEADLINE is not above zero")
	case c.StepTimeout <= 0:
		return errors.New("RETURN_STEP_TIMEOUT is not above zero")
	case c.StepTries < 1:
		return errors.New("RETURN_STEP_TRIES is below 1")
	case c.UndoTries < 1:
		return errors.New("RETURN_UNDO_TRIES is below 1")
	}
	return c.Config.Validate()
}

func (c Config) pace() returns.Pace {
	return returns.Pace{Patience: c.StepTimeout, Tries: c.StepTries, UndoTries: c.UndoTries}
}

// Context is ordering as a program.
type Context struct{ config Config }

// New makes the context; Run does everything.
func New(config Config) *Context { return &Context{config} }

// Facts lists what ordering reacts to: "inventory.stock.deducted".
func Facts() []string { return acl.Routes(returns.Pace{}).Facts() }

// Published lists what ordering publishes: facts, and commands.
func Published() []string { return append(acl.Facts(), audit.Fact("ordering")) }

// Run serves until ctx ends.
func (c *Context) Run(ctx context.Context) error {
	if err := c.config.Validate(); err != nil {
		return err
	}
	config := c.config.Config
	config.PlansOnce = true
	host, err := serve.Open(ctx, config, "ordering", migrations.FS)
	if err != nil {
		return err
	}
	books := postgres.Open(host.DB, acl.Published)
	deadlines := newWatch(books, c.config.pace(), host.Log)
	books = books.Telling(deadlines.wake)
	host.Handle(orderingv1connect.NewOrderingServiceHandler(c.handler(host, books), host.Options()...))
	host.Prune(postgres.Kept())
	host.Measure(newStalled(books.NeedingOperator))
	c.replays(host)
	if err := recall(ctx, host, books); err != nil {
		return err
	}
	bind := func(tx pgx.Tx) app.Store { return books.Bind(tx) }
	return host.Run(ctx, serve.Consumer(host, acl.Routes(c.config.pace()), bind), deadlines.run, listen(host, books))
}

// silence is how long catalog and pricing may take to answer.
const silence = 3 * time.Second

func (c *Context) handler(host *serve.Host, books *postgres.Books) *rpc.Handler {
	catalog := host.Client("catalog", silence)
	pricing := host.Client("pricing", silence)
	customers := host.Client("customers", silence)
	inventory := host.Client("inventory", app.Patience)
	return &rpc.Handler{
		Books: books,
		Quoter: app.Quoter{
			Store: books,
			Catalog: acl.Catalog{
				Client: catalogv1connect.NewCatalogServiceClient(catalog.HTTP, c.config.CatalogURL, catalog.Options...),
			},
			Pricing: acl.Pricing{
				Client: pricingv1connect.NewPricingServiceClient(pricing.HTTP, c.config.PricingURL, pricing.Options...),
			},
			Customers: acl.Customers{
				Client: customersv1connect.NewCustomersServiceClient(customers.HTTP, c.config.CustomersURL, customers.Options...),
			},
			Log: host.Log,
		},
		Inventory: acl.Inventory{
			Client: inventoryv1connect.NewInventoryServiceClient(inventory.HTTP, c.config.InventoryURL, inventory.Options...),
		},
		Deadline: c.config.Deadline,
		Pace:     c.config.pace(),
		Now:      time.Now,
		NewID:    uuid.NewV7,
		Log:      host.Log,
	}
}

// listen notes pricing's signs of life.
func listen(host *serve.Host, books *postgres.Books) serve.Loop {
	return func(ctx context.Context) error {
		return host.Broker.Listen(ctx, "pricing", acl.PricingAlive, nil, func(_ string, signal []byte) {
			said, err := acl.AliveAt(signal)
			if err == nil {
				err = app.HearPricing(ctx, books, said, time.Now())
			}
			if err != nil {
				host.Log.WarnContext(ctx, "a sign of life of pricing's was lost", slog.Any("error", err))
			}
		})
	}
}
