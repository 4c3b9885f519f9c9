package gateway

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/lestrrat-go/jwx/v3/jwt"
	"google.golang.org/protobuf/types/known/timestamppb"

	"quadrille.dev/gateway/internal/graph/model"
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

func BenchmarkOrders(b *testing.B) {
	ids := make([]string, 20)
	for n := range ids {
		ids[n] = model.GlobalID(model.KindOrder, id(3, 100+n))
	}
	measure(b, load{Query: history, Variables: map[string]any{"ids": ids}})
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
	load.URL, load.Connections, load.Times = w.url+"/graphql", 8, 500
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
	command := exec.CommandContext(context.WithoutCancel(b.Context()), os.Args[0], "-test.run", "^TestBehindABenchmark$", "-test.timeout", "30m") //nolint:gosec // G204: it is this program
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
