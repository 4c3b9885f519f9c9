package bench

import (
	"context"
	"flag"
	"fmt"
	"math"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/google/uuid"

	"quadrille.dev/proof/system"
	orderingv1 "quadrille.dev/schema/rpc/ordering/v1"
	"quadrille.dev/schema/rpc/ordering/v1/orderingv1connect"
)

// perRow is how many orders each row of the table is made of, placed each way.
var perRow = flag.Int("orders", 2000, "orders for each row of the table of availability")

// atOnce is how many customers order at once.
const atOnce = 4

// needed are the contexts that a synchronous order needs: itself, inventory, pricing and payment.
const needed = 4

// BenchmarkAvailability has contexts fail, each for a share of the orders and independently of the others, and prints, beside what the product law says of orders that need four of them, how many
// synchronous orders are placed, and how many by the product, which needs ordering alone. It is what `make bench-availability` runs.
func BenchmarkAvailability(b *testing.B) {
	if b.N > 1 {
		b.Fatal("run it with -benchtime 1x; -orders says how many orders there are")
	}
	outages := &outages{}
	synchronous, ordering := bothWays(b, outages)
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 3, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "each down\tlaw of 4\tsynchronous\tlaw of 1\tPlaceOrder\tpriced from memory\t")
	for _, share := range []float64{0, 0.001, 0.01, 0.1} {
		outages.perMillion.Store(uint64(math.Round(share * 1e6)))
		var cached atomic.Int64
		placed := customers(b, *perRow, func(ctx context.Context) bool { return synchronous.place(ctx, "BENCH-1") == nil })
		accepted := customers(b, *perRow, func(ctx context.Context) bool {
			answer, err := ordering.PlaceOrder(ctx, request())
			if answer.GetOrder().GetPricedFrom() == orderingv1.PricedFrom_PRICED_FROM_CACHED {
				cached.Add(1)
			}
			return err == nil && answer.GetOrder() != nil
		})
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t\n", percent(share), law(share, needed), percent(placed),
			law(share, 1), percent(accepted), percent(float64(cached.Load())/float64(*perRow)))
		b.ReportMetric(100*placed, fmt.Sprintf("sync-at-%v%%", 100*share))
		b.ReportMetric(100*accepted, fmt.Sprintf("PlaceOrder-at-%v%%", 100*share))
	}
	if err := table.Flush(); err != nil {
		b.Fatal(err)
	}
}

// bothWays to place an order in one system, whose contexts fail as outages say.
func bothWays(b *testing.B, outages *outages) (*synchronous, orderingv1connect.OrderingServiceClient) {
	b.Helper()
	quadrille := system.Start(b, nil)
	system.Sell(b, quadrille.As(b, system.Olga), "BENCH-1", "2.50", 1_000_000)
	ada := quadrille.As(b, system.Ada)
	placed, err := system.Place(b.Context(), ada, system.Wish{SKU: "BENCH-1"})
	if err != nil {
		b.Fatal(err)
	}
	system.Rest(b, ada, placed, time.Minute) // by now ordering has heard of product and price
	token, err := ada.Token(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	// What becomes of orders later is not what is measured.
	for _, name := range []string{"billing", "fulfillment", "chronicle"} {
		quadrille.Halt(name)
	}
	failing := map[string]string{}
	for _, name := range []string{"catalog", "customers", "pricing", "inventory", "ordering"} {
		failing[name] = outages.before(b, name, at(b, quadrille.URL(name), true))
	}
	payment := outages.before(b, "payment", at(b, quadrille.URL("provider"), false))
	err = quadrille.Reconfigure(b.Context(), "ordering", map[string]string{
		"CATALOG_URL": failing["catalog"], "CUSTOMERS_URL": failing["customers"],
		"PRICING_URL": failing["pricing"], "INVENTORY_URL": failing["inventory"],
	})
	if err != nil {
		b.Fatal(err)
	}
	client := &http.Client{Transport: traveller{plain(true), token}}
	return newSynchronous(b, outages, client, failing["inventory"], failing["pricing"], payment),
		orderingv1connect.NewOrderingServiceClient(client, failing["ordering"])
}

func request() *orderingv1.PlaceOrderRequest {
	return &orderingv1.PlaceOrderRequest{
		IdempotencyKey: uuid.NewString(),
		Lines:          []*orderingv1.LineInput{{Sku: "BENCH-1", Quantity: 1}},
		ShippingAddress: &orderingv1.Address{
			Name: "Ada", Street: "1 Analytical Row", City: "London", PostalCode: "EC1A 1BB", CountryCode: "GB",
		},
		PaymentToken: "pm_card_visa", RefuseIfOutOfStock: true,
	}
}

// customers place so many orders, and the share of those that were placed is answered.
func customers(b *testing.B, orders int, place func(context.Context) bool) float64 {
	b.Helper()
	var left, placed atomic.Int64
	left.Store(int64(orders))
	var all sync.WaitGroup
	for range atOnce {
		all.Go(func() {
			for left.Add(-1) >= 0 {
				if place(asAnOrder(b.Context())) {
					placed.Add(1)
				}
			}
		})
	}
	all.Wait()
	return float64(placed.Load()) / float64(orders)
}

// law is the share of orders that are placed when so many contexts must be up, and how far a count of so many orders strays from it: one
// standard deviation.
func law(down float64, contexts int) string {
	up := math.Pow(1-down, float64(contexts))
	return fmt.Sprintf("%s ± %.2f", percent(up), 100*math.Sqrt(up*(1-up)/float64(*perRow)))
}

func percent(share float64) string { return fmt.Sprintf("%.2f %%", 100*share) }
