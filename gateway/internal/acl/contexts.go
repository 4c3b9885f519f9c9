package acl

import (
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"quadrille.dev/schema/rpc/chronicle/v1/chroniclev1connect"
	"quadrille.dev/schema/rpc/operations/v1/operationsv1connect"

	"quadrille.dev/platform/resilience"
	"quadrille.dev/platform/serve"
)

// How long a context may take, and how many calls to it may be under way at once.
const (
	pricingTimeout = 3 * time.Second
	otherTimeout   = 5 * time.Second
	concurrency    = 256
)

// Addresses are the URLs of the contexts.
type Addresses struct {
	Catalog     string `env:"CATALOG_URL,required"`
	Customers   string `env:"CUSTOMERS_URL,required"`
	Pricing     string `env:"PRICING_URL,required"`
	Inventory   string `env:"INVENTORY_URL,required"`
	Ordering    string `env:"ORDERING_URL,required"`
	Billing     string `env:"BILLING_URL,required"`
	Fulfillment string `env:"FULFILLMENT_URL,required"`
	Chronicle   string `env:"CHRONICLE_URL,required"`
}

// Contexts are the clients of all contexts.
type Contexts struct {
	Catalog     *Catalog
	Customers   *Customers
	Pricing     *Pricing
	Inventory   *Inventory
	Ordering    *Ordering
	Billing     *Billing
	Fulfillment *Fulfillment
	Chronicle   *Chronicle
	// Operations are what each context says of itself, in the order above.
	Operations []*Operations
	// Parked are the parked messages of each context, in the order above.
	Parked Parked
	// Neighbours are the breakers on the calls to each.
	Neighbours []*resilience.Neighbour
	// Probes ask whether each is ready.
	Probes []Probe
}

// Close has no context looked for any longer.
func (c *Contexts) Close() {
	for _, neighbour := range c.Neighbours {
		neighbour.Close()
	}
}

// Connect makes clients that call under a caller's token or else under credential, "name:secret". Nothing is called yet.
func Connect(at Addresses, credential string, log *slog.Logger, metrics prometheus.Registerer) *Contexts {
	c := &Contexts{}
	to := func(name, url string, timeout time.Duration) serve.Client {
		client := serve.NewClient(resilience.Config{
			To: name, Timeout: timeout, Concurrency: concurrency, Log: log, Metrics: metrics,
		}, credential)
		c.Neighbours = append(c.Neighbours, client.Neighbour)
		c.Probes = append(c.Probes, NewProbe(name, url+"/readyz", client.HTTP))
		c.Operations = append(c.Operations, NewOperations(name,
			operationsv1connect.NewOperationsServiceClient(client.HTTP, url, client.Inquiring...)))
		c.Parked = c.Parked.With(name, operationsv1connect.NewOperationsServiceClient(client.HTTP, url, client.Options...))
		return client
	}
	catalog := to("catalog", at.Catalog, otherTimeout)
	customers := to("customers", at.Customers, otherTimeout)
	pricing := to("pricing", at.Pricing, pricingTimeout)
	inventory := to("inventory", at.Inventory, otherTimeout)
	ordering := to("ordering", at.Ordering, otherTimeout)
	billing := to("billing", at.Billing, otherTimeout)
	fulfillment := to("fulfillment", at.Fulfillment, otherTimeout)
	chronicle := to("chronicle", at.Chronicle, otherTimeout)
	c.Catalog = NewCatalog(newCatalog(catalog, at.Catalog))
	c.Customers = NewCustomers(newCustomers(customers, at.Customers))
	c.Pricing = NewPricing(newPricing(pricing, at.Pricing))
	c.Inventory = NewInventory(newInventory(inventory, at.Inventory))
	c.Ordering = NewOrdering(newOrdering(ordering, at.Ordering))
	c.Billing = NewBilling(newBilling(billing, at.Billing))
	c.Fulfillment = NewFulfillment(newFulfillment(fulfillment, at.Fulfillment))
	c.Chronicle = NewChronicle(chroniclev1connect.NewChronicleServiceClient(chronicle.HTTP, at.Chronicle, chronicle.Options...))
	return c
}
