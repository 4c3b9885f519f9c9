package acl

import (
	"context"
	"log/slog"
	"time"

	"connectrpc.com/connect"
	"github.com/prometheus/client_golang/prometheus"

	"quadrille.dev/schema/rpc/billing/v1/billingv1connect"
	"quadrille.dev/schema/rpc/catalog/v1/catalogv1connect"
	"quadrille.dev/schema/rpc/chronicle/v1/chroniclev1connect"
	"quadrille.dev/schema/rpc/customers/v1/customersv1connect"
	"quadrille.dev/schema/rpc/fulfillment/v1/fulfillmentv1connect"
	"quadrille.dev/schema/rpc/inventory/v1/inventoryv1connect"
	"quadrille.dev/schema/rpc/operations/v1/operationsv1connect"
	"quadrille.dev/schema/rpc/ordering/v1/orderingv1connect"
	"quadrille.dev/schema/rpc/pricing/v1/pricingv1connect"

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

// Connect makes clients that call under a caller's token or else under credential, "name:secret". Nothing is called yet.
func Connect(at Addresses, credential string, log *slog.Logger, metrics prometheus.Registerer) *Contexts {
	c := &Contexts{}
	to := func(name, url string, timeout time.Duration) (connect.HTTPClient, string, connect.ClientOption) {
		client := serve.NewClient(resilience.Config{
			To: name, Timeout: timeout, Concurrency: concurrency, Log: log, Metrics: metrics,
		}, credential)
		c.Neighbours = append(c.Neighbours, client.Neighbour)
		c.Probes = append(c.Probes, NewProbe(name, url+"/readyz", client.HTTP))
		c.Operations = append(c.Operations, NewOperations(name,
			operationsv1connect.NewOperationsServiceClient(client.HTTP, url, connect.WithInterceptors(asService(credential)))))
		c.Parked = append(c.Parked, parkedIn{name, operationsv1connect.NewOperationsServiceClient(client.HTTP, url, client.Options...)})
		return client.HTTP, url, connect.WithClientOptions(client.Options...)
	}
	c.Catalog = NewCatalog(catalogv1connect.NewCatalogServiceClient(to("catalog", at.Catalog, otherTimeout)))
	c.Customers = NewCustomers(customersv1connect.NewCustomersServiceClient(to("customers", at.Customers, otherTimeout)))
	c.Pricing = NewPricing(pricingv1connect.NewPricingServiceClient(to("pricing", at.Pricing, pricingTimeout)))
	c.Inventory = NewInventory(inventoryv1connect.NewInventoryServiceClient(to("inventory", at.Inventory, otherTimeout)))
	c.Ordering = NewOrdering(orderingv1connect.NewOrderingServiceClient(to("ordering", at.Ordering, otherTimeout)))
	c.Billing = NewBilling(billingv1connect.NewBillingServiceClient(to("billing", at.Billing, otherTimeout)))
	c.Fulfillment = NewFulfillment(
		fulfillmentv1connect.NewFulfillmentServiceClient(to("fulfillment", at.Fulfillment, otherTimeout)))
	c.Chronicle = NewChronicle(chroniclev1connect.NewChronicleServiceClient(to("chronicle", at.Chronicle, otherTimeout)))
	return c
}

// asService calls under the gateway's own credential and without a breaker, since whether a context answers is the question.
func asService(credential string) connect.Interceptor {
	return connect.UnaryInterceptorFunc(func(next connect.UnaryFunc) connect.UnaryFunc {
		return func(ctx context.Context, request connect.AnyRequest) (connect.AnyResponse, error) {
			request.Header().Set("Authorization", "Service "+credential)
			return next(ctx, request)
		}
	})
}
