package conformance

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"

	"quadrille.dev/platform/resilience"
	"quadrille.dev/platform/serve"
	"quadrille.dev/proof/system"
	catalogv1 "quadrille.dev/schema/rpc/catalog/v1"
	"quadrille.dev/schema/rpc/catalog/v1/catalogv1connect"
	inventoryv1 "quadrille.dev/schema/rpc/inventory/v1"
	"quadrille.dev/schema/rpc/inventory/v1/inventoryv1connect"
	moneyv1 "quadrille.dev/schema/rpc/money/v1"
	pricingv1 "quadrille.dev/schema/rpc/pricing/v1"
	"quadrille.dev/schema/rpc/pricing/v1/pricingv1connect"
	"quadrille.dev/stack/client"
)

// shown is a product as the gateway has it, and when it read what it shows.
type shown struct {
	Name  string
	AsOf  time.Time
	Price struct {
		Amount string
		AsOf   time.Time
	}
	Availability struct {
		Available int
		AsOf      time.Time
	}
}

func (s shown) words() string {
	return fmt.Sprint(s.Name, " ", s.Price.Amount, " ", s.Availability.Available)
}

// whatIsKeptIsHeardToChange changes things behind the gateway's back: it shows what it has kept, for longer than it would if it heard nothing, until
// the contexts say that there is something new.
func whatIsKeptIsHeardToChange(t *testing.T) {
	t.Parallel()
	olga := quadrille.As(t, system.Olga)
	system.Sell(t, olga, "KEPT-1", "2.50", 10)
	awaitShown(t, olga, "KEPT-1 2.50 10")
	awaitKept(t, olga)

	token, err := olga.Token(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ctx := serve.WithToken(t.Context(), token)
	to := func(name string) serve.Client { return serve.NewClient(resilience.Config{To: name}, "") }
	pricing, inventory, catalog := to("pricing"), to("inventory"), to("catalog")

	_, err = pricingv1connect.NewPricingServiceClient(pricing.HTTP, quadrille.URL("pricing"), pricing.Options...).ChangePrice(ctx,
		&pricingv1.ChangePriceRequest{Sku: "KEPT-1", ListPrice: &moneyv1.Money{MinorUnits: 325, CurrencyCode: "GBP"}})
	if err != nil {
		t.Fatal(err)
	}
	awaitShown(t, olga, "KEPT-1 3.25 10")
	_, err = inventoryv1connect.NewInventoryServiceClient(inventory.HTTP, quadrille.URL("inventory"), inventory.Options...).ReceiveStock(ctx,
		&inventoryv1.ReceiveStockRequest{Sku: "KEPT-1", Quantity: 7, Reference: uuid.NewString()})
	if err != nil {
		t.Fatal(err)
	}
	awaitShown(t, olga, "KEPT-1 3.25 17")
	products := catalogv1connect.NewCatalogServiceClient(catalog.HTTP, quadrille.URL("catalog"), catalog.Options...)
	known, err := products.GetProducts(ctx, &catalogv1.GetProductsRequest{Skus: []string{"KEPT-1"}})
	if err == nil {
		_, err = products.UpdateProduct(ctx, &catalogv1.UpdateProductRequest{Id: known.Products[0].Id, Name: new("New")})
	}
	if err != nil {
		t.Fatal(err)
	}
	awaitShown(t, olga, "New 3.25 17")
}

func look(t *testing.T, c *client.Client) shown {
	t.Helper()
	var data struct{ Product shown }
	err := c.Do(t.Context(), `{ product(by: {sku: "KEPT-1"}) { name asOf price { amount asOf } availability { available asOf } } }`, nil, &data)
	if err != nil {
		t.Fatal(err)
	}
	return data.Product
}

// awaitKept looks until nothing was read again for longer than it would be fresh if the contexts were not heard. What has just been sold may
// still be told of.
func awaitKept(t *testing.T, c *client.Client) {
	t.Helper()
	first, since := look(t, c), time.Now()
	for until := time.Now().Add(patience); time.Since(since) < 3*time.Second; time.Sleep(50 * time.Millisecond) {
		now := look(t, c)
		if !now.AsOf.Equal(first.AsOf) || !now.Price.AsOf.Equal(first.Price.AsOf) || !now.Availability.AsOf.Equal(first.Availability.AsOf) {
			first, since = now, time.Now()
		}
		if time.Now().After(until) {
			t.Fatalf("it is read again and again although nothing changes: %+v", now)
		}
	}
}

// awaitShown looks until the product is shown so, which takes no longer than a fact takes to be told.
func awaitShown(t *testing.T, c *client.Client, want string) {
	t.Helper()
	system.Await(t, patience, "the product is shown as "+want, func(context.Context) (string, bool, error) {
		words := look(t, c).words()
		return words, words == want, nil
	})
}
