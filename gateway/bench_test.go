package gateway

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/google/uuid"
	"github.com/lestrrat-go/jwx/v3/jwt"
	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"golang.org/x/sync/errgroup"
	"google.golang.org/protobuf/types/known/timestamppb"

	"quadrille.dev/gateway/internal/edge"
	"quadrille.dev/gateway/internal/execute"
	"quadrille.dev/gateway/internal/graph"
	"quadrille.dev/gateway/internal/graph/generated"
	"quadrille.dev/gateway/internal/graph/model"
	"quadrille.dev/platform/telemetry"
	orderingv1 "quadrille.dev/schema/rpc/ordering/v1"
	"quadrille.dev/schema/rpc/ordering/v1/orderingv1connect"
)

// What is measured is the CPU time of a process that is the gateway alone, and what it allocates. Contexts and clients are another process,
// which answers out of memory.

// browse is a page of 50 products with price and availability.
const browse = `{ products(first: 50) { nodes { id sku name category price { amount currencyCode } availability { available status } } } }`

// history is 20 orders of a customer, of five lines each.
const history = `query($ids: [ID!]!) { nodes(ids: $ids) { ... on Order {
	id number status placedAt customer { id name tier } total { amount currencyCode }
	lines { sku quantity unitPrice { amount currencyCode } product { id name price { amount currencyCode } availability { available status } } }
	payment { status amount { amount currencyCode } } invoice { number status total { amount currencyCode } }
	shipment { status carrier trackingNumber } reservation { status }
} } }`

func BenchmarkBrowse(b *testing.B) { measure(b, load{Query: browse}) }

func BenchmarkOrders(b *testing.B) { measure(b, load{Query: history, Variables: orderIDs()}) }

func orderIDs() map[string]any {
	ids := make([]string, 20)
	for n := range ids {
		ids[n] = model.GlobalID(model.KindOrder, id(3, 100+n))
	}
	return map[string]any{"ids": ids}
}

// The same by hand: the same resolvers are called in the order that is best, and the answer is written beforehand. It is what everything but an
// executor costs.

func BenchmarkBrowseByHand(b *testing.B) {
	measureByHand(b, load{Query: browse}, func(ctx context.Context, r *graph.Resolver, _ map[string]any) error {
		page, err := r.Query().Products(ctx, 50, nil, nil, nil)
		if err != nil {
			return err
		}
		return readProducts(ctx, r, page.Nodes)
	})
}

func BenchmarkOrdersByHand(b *testing.B) {
	measureByHand(b, load{Query: history, Variables: orderIDs()}, func(ctx context.Context, r *graph.Resolver, variables map[string]any) error {
		var ids []string
		for _, id := range variables["ids"].([]any) {
			ids = append(ids, id.(string))
		}
		nodes, err := r.Query().Nodes(ctx, ids)
		if err != nil {
			return err
		}
		var orders []*model.Order
		var lines []*model.OrderLine
		for _, node := range nodes {
			order := node.(*model.Order)
			orders = append(orders, order)
			lines = append(lines, order.Lines...)
		}
		group, ctx := errgroup.WithContext(ctx)
		group.Go(func() error { _, err := r.Order().Customer(ctx, orders); return err })
		group.Go(func() error { _, err := r.Order().Payment(ctx, orders); return err })
		group.Go(func() error { _, err := r.Order().Invoice(ctx, orders); return err })
		group.Go(func() error { _, err := r.Order().Shipment(ctx, orders); return err })
		group.Go(func() error { _, err := r.Order().Reservation(ctx, orders); return err })
		products, err := r.OrderLine().Product(ctx, lines)
		if err != nil {
			return err
		}
		return errors.Join(readProducts(ctx, r, products), group.Wait())
	})
}

func readProducts(ctx context.Context, r *graph.Resolver, products []*model.Product) error {
	var group errgroup.Group
	group.Go(func() error { _, err := r.Product().Price(ctx, products); return err })
	_, err := r.Product().Availability(ctx, products)
	return errors.Join(err, group.Wait())
}

// byHand is a schema of which one operation can be executed.
type byHand struct {
	graphql.ExecutableSchema
	resolver *graph.Resolver
	read     func(context.Context, *graph.Resolver, map[string]any) error
	answer   string
}

func (h byHand) Exec(ctx context.Context) graphql.ResponseHandler {
	buffer := execute.Buffer(ctx)
	return graphql.OneShot(func() *graphql.Response {
		if err := h.read(ctx, h.resolver, graphql.GetOperationContext(ctx).Variables); err != nil {
			return graphql.ErrorResponse(ctx, "%v", err)
		}
		begin := len(*buffer)
		*buffer = append(*buffer, h.answer...)
		return &graphql.Response{Data: (*buffer)[begin:]}
	}())
}

func measureByHand(b *testing.B, load load, read func(context.Context, *graph.Resolver, map[string]any) error) {
	b.Helper()
	behind := newBehind(b)
	if _, err := telemetry.Trace(b.Context(), "gateway"); err != nil {
		b.Fatal(err)
	}
	g := New(behind.config)
	b.Cleanup(g.contexts.Close)
	schema := byHand{
		ExecutableSchema: generated.NewExecutableSchema(generated.Config{}),
		resolver:         &graph.Resolver{Contexts: g.contexts, Goods: g.goods}, read: read,
		answer: `"` + strings.Repeat("0123456789", 1000) + `"`,
	}
	streams := edge.NewStreams(b.Context(), g.config.Edge.Streams, g.log, g.registry)
	api, err := edge.GraphQL(schema, g.verifier, g.config.Edge, streams, g.log, g.registry)
	if err != nil {
		b.Fatal(err)
	}
	server := httptest.NewUnstartedServer(otelhttp.NewHandler(api, "graphql"))
	server.Listener = edge.Listener(server.Listener, g.config.Edge.TakeWithin)
	server.Start()
	defer server.Close()
	load.URL = server.URL
	measureLoad(b, behind, load)
}

// load is what clients ask for, so many times over so many connections, each time under another token.
type load struct {
	URL         string
	Query       string
	Variables   map[string]any
	Times       int
	Connections int
}

func measure(b *testing.B, load load) {
	b.Helper()
	behind := newBehind(b)
	w := &world{t: b}
	w.run(behind.config, newSignals())
	load.URL = w.url + "/graphql"
	measureLoad(b, behind, load)
}

func measureLoad(b *testing.B, behind *behind, load load) {
	b.Helper()
	defer collect(50)()
	load.Connections, load.Times = 8, 500
	behind.ask(load)
	load.Times = b.N
	b.ReportAllocs()
	b.ResetTimer()
	begun := processorTime(b)
	behind.ask(load)
	b.ReportMetric(float64(processorTime(b)-begun)/float64(b.N)/1000, "cpu-µs/op")
}

func processorTime(b *testing.B) time.Duration {
	b.Helper()
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		b.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// behind is the process that the contexts and the clients are.
type behind struct {
	b      *testing.B
	config Config
	asks   *json.Encoder
	says   *bufio.Scanner
}

const behindVariable = "GATEWAY_BENCHMARK_BEHIND"

func newBehind(b *testing.B) *behind {
	b.Helper()
	command := exec.CommandContext(context.WithoutCancel(b.Context()), os.Args[0], "-test.run", "^TestBehindABenchmark$", "-test.timeout", "30m")
	command.Env = append(os.Environ(), behindVariable+"=1", "GOMAXPROCS=2")
	command.Stderr = os.Stderr
	in, err := command.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	out, err := command.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := command.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		in.Close()
		_, _ = io.Copy(io.Discard, out)
		if err := command.Wait(); err != nil {
			b.Error(err)
		}
	})
	behind := &behind{b: b, asks: json.NewEncoder(in), says: bufio.NewScanner(out)}
	behind.says.Buffer(nil, 1<<20)
	if err := json.Unmarshal([]byte(behind.said()), &behind.config); err != nil {
		b.Fatal(err)
	}
	return behind
}

func (p *behind) ask(load load) {
	p.b.Helper()
	if err := p.asks.Encode(load); err != nil {
		p.b.Fatal(err)
	}
	if said := p.said(); said != "well" {
		p.b.Fatal(said)
	}
}

func (p *behind) said() string {
	p.b.Helper()
	if !p.says.Scan() {
		p.b.Fatalf("the contexts have gone: %v", p.says.Err())
	}
	return p.says.Text()
}

// TestBehindABenchmark is the process that the contexts and the clients are.
func TestBehindABenchmark(t *testing.T) {
	if os.Getenv(behindVariable) == "" {
		t.Skip("it is for benchmarks")
	}
	w, config := newContexts(t, "RATE_LIMIT=0")
	pattern, handler := orderingv1connect.NewOrderingServiceHandler(archive{})
	mux := http.NewServeMux()
	mux.Handle(pattern, handler)
	config.Ordering = w.serve("ordering", mux)
	says := json.NewEncoder(os.Stdout)
	if err := says.Encode(config); err != nil {
		t.Fatal(err)
	}
	for asks := json.NewDecoder(os.Stdin); ; {
		var load load
		if err := asks.Decode(&load); err == io.EOF {
			return
		} else if err != nil {
			t.Fatal(err)
		}
		outcome := "well"
		if err := w.bear(load); err != nil {
			outcome = err.Error()
		}
		fmt.Println(strings.ReplaceAll(outcome, "\n", " "))
	}
}

// archive has every order that is asked for; it is ada's, and has five lines.
type archive struct {
	orderingv1connect.UnimplementedOrderingServiceHandler
}

func (archive) GetOrders(_ context.Context, r *orderingv1.GetOrdersRequest) (*orderingv1.GetOrdersResponse, error) {
	answer := &orderingv1.GetOrdersResponse{}
	for n, key := range r.GetIds() {
		order := &orderingv1.Order{
			Id: key, Number: fmt.Sprintf("Q-%08d", n), CustomerId: ada.String(), Status: "FULFILLED",
			PlacedAt: timestamppb.New(longAgo), FulfilledAt: timestamppb.New(longAgo),
			PricedFrom: orderingv1.PricedFrom_PRICED_FROM_LIVE, Total: pounds(4250), Discount: pounds(0),
			ShippingAddress: &orderingv1.Address{Name: "Ada", Street: "1 St James's Square", City: "London", PostalCode: "SW1Y 4JH", CountryCode: "GB"},
		}
		for line := range 5 {
			order.Lines = append(order.Lines, &orderingv1.Line{
				Sku: sku((5*n + line) % 100), Quantity: 2, UnitPrice: pounds(425), LineTotal: pounds(850),
			})
		}
		answer.Orders = append(answer.Orders, order)
	}
	return answer, nil
}

// bear makes requests, all of which must be answered well and alike.
func (w *world) bear(load load) error {
	tokens := make([]string, load.Times)
	for i := range tokens {
		tokens[i] = w.issuer.Token(ada, []string{"CUSTOMER"}, func(token jwt.Token) error { return token.Set("jti", uuid.NewString()) })
	}
	body, err := json.Marshal(map[string]any{"query": load.Query, "variables": load.Variables})
	if err != nil {
		return err
	}
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: load.Connections}}
	defer client.CloseIdleConnections()
	var next, size atomic.Int64
	var failed atomic.Pointer[error]
	var asking sync.WaitGroup
	for range load.Connections {
		asking.Go(func() {
			for i := next.Add(1) - 1; int(i) < load.Times && failed.Load() == nil; i = next.Add(1) - 1 {
				if err := w.get(client, load.URL, tokens[i], string(body), &size); err != nil {
					failed.Store(&err)
				}
			}
		})
	}
	asking.Wait()
	if err := failed.Load(); err != nil {
		return *err
	}
	return nil
}

func (w *world) get(client *http.Client, url, token, body string, size *atomic.Int64) error {
	request, err := http.NewRequestWithContext(w.t.Context(), http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Authorization", "Bearer "+token)
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	size.CompareAndSwap(0, int64(len(answer)))
	if !strings.HasPrefix(string(answer), `{"data":`) || int64(len(answer)) != size.Load() {
		return fmt.Errorf("%d bytes: %.1000s", len(answer), answer)
	}
	return nil
}
