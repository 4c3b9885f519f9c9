package gateway

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"connectrpc.com/connect"
	"github.com/caarlos0/env/v11"
	"github.com/google/uuid"
	"github.com/lestrrat-go/jwx/v3/jwt"

	"quadrille.dev/platform/testkit"
	"quadrille.dev/schema/rpc/billing/v1/billingv1connect"
	"quadrille.dev/schema/rpc/catalog/v1/catalogv1connect"
	"quadrille.dev/schema/rpc/chronicle/v1/chroniclev1connect"
	"quadrille.dev/schema/rpc/customers/v1/customersv1connect"
	"quadrille.dev/schema/rpc/fulfillment/v1/fulfillmentv1connect"
	"quadrille.dev/schema/rpc/inventory/v1/inventoryv1connect"
	"quadrille.dev/schema/rpc/operations/v1/operationsv1connect"
	"quadrille.dev/schema/rpc/ordering/v1/orderingv1connect"
	"quadrille.dev/schema/rpc/pricing/v1/pricingv1connect"
)

// The people of the tests.
var (
	ada   = uuid.MustParse("0192f0c1-0000-7000-8000-00000000000a")
	grace = uuid.MustParse("0192f0c1-0000-7000-8000-00000000000b")
	olga  = uuid.MustParse("0192f0c1-0000-7000-8000-00000000000c")
)

// world is a gateway between clients and contexts that are real servers with little behind them.
type world struct {
	t       testing.TB
	issuer  *testkit.Issuer
	url     string
	gateway *Gateway
	config  Config
	signals *signals
	// stop makes the gateway end.
	stop context.CancelFunc

	catalog     *catalog
	customers   *customers
	pricing     *pricing
	inventory   *inventory
	ordering    *ordering
	billing     *billing
	fulfillment *fulfillment
	chronicle   *chronicle

	mu sync.Mutex
	// calls counts by procedure, such as "catalog.v1.CatalogService/GetProducts".
	calls map[string]int
	// authorization is what the last call to a context brought along.
	authorization map[string]string
	down          map[string]bool
	// hung are the contexts that answer nothing before the channel is closed.
	hung map[string]chan struct{}
}

// newWorld is a world whose gateway is configured by "NAME=value", and otherwise as when nothing is said, but for the cache: every read is counted.
func newWorld(t testing.TB, settings ...string) *world {
	t.Helper()
	signals := newSignals()
	w := newWorldWith(t, signals, settings...)
	w.signals = signals
	return w
}

// newWorldWith takes what contexts signal and say from elsewhere.
func newWorldWith(t testing.TB, signals Signals, settings ...string) *world {
	t.Helper()
	w, config := newContexts(t, settings...)
	w.run(config, signals)
	return w
}

// newContexts is a world without a gateway, and how a gateway of it is configured.
func newContexts(t testing.TB, settings ...string) (*world, Config) {
	t.Helper()
	w := &world{
		t: t, issuer: testkit.NewIssuer(t), calls: map[string]int{}, authorization: map[string]string{},
		down: map[string]bool{}, hung: map[string]chan struct{}{}, catalog: &catalog{}, customers: newCustomers(), pricing: &pricing{}, inventory: &inventory{},
		ordering: newOrdering(), billing: &billing{}, fulfillment: &fulfillment{}, chronicle: newChronicle(),
	}
	environment := map[string]string{
		"LISTEN": "127.0.0.1:0", "JWKS_URL": w.issuer.URL, "AMQP_URL": "none", "SERVICE_CREDENTIAL": "gateway:secret", "LOG_FORMAT": "text",
		"CACHE_ENTRIES": "0",
	}
	for _, setting := range settings {
		name, value, _ := strings.Cut(setting, "=")
		environment[name] = value
	}
	option := connect.WithInterceptors(connect.UnaryInterceptorFunc(w.count))
	route := func(name string) func(string, http.Handler) {
		return func(pattern string, handler http.Handler) {
			mux := http.NewServeMux()
			mux.Handle(pattern, handler)
			mux.Handle(operationsv1connect.NewOperationsServiceHandler(operations{name: name, parked: len(name) % 3}, option))
			mux.HandleFunc("GET /readyz", func(http.ResponseWriter, *http.Request) {})
			environment[strings.ToUpper(name)+"_URL"] = w.serve(name, mux)
		}
	}
	route("catalog")(catalogv1connect.NewCatalogServiceHandler(w.catalog, option))
	route("customers")(customersv1connect.NewCustomersServiceHandler(w.customers, option))
	route("pricing")(pricingv1connect.NewPricingServiceHandler(w.pricing, option))
	route("inventory")(inventoryv1connect.NewInventoryServiceHandler(w.inventory, option))
	route("ordering")(orderingv1connect.NewOrderingServiceHandler(w.ordering, option))
	route("billing")(billingv1connect.NewBillingServiceHandler(w.billing, option))
	route("fulfillment")(fulfillmentv1connect.NewFulfillmentServiceHandler(w.fulfillment, option))
	route("chronicle")(chroniclev1connect.NewChronicleServiceHandler(w.chronicle, option))
	config, err := env.ParseAsWithOptions[Config](env.Options{Environment: environment})
	if err != nil {
		t.Fatal(err)
	}
	return w, config
}

// serve is a context as the gateway sees it.
func (w *world) serve(name string, handler http.Handler) string {
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w.mu.Lock()
		down, hung := w.down[name], w.hung[name]
		w.mu.Unlock()
		if hung != nil {
			<-hung
		}
		if down {
			rw.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		handler.ServeHTTP(rw, r)
	}))
	server.Config.Protocols = new(http.Protocols)
	server.Config.Protocols.SetHTTP1(true)
	server.Config.Protocols.SetUnencryptedHTTP2(true)
	server.Config.IdleTimeout = time.Second // connections that the gateway keeps are goroutines of this process
	server.Start()
	w.t.Cleanup(server.Close)
	return server.URL
}

// run runs the gateway as the program does, but for the broker.
func (w *world) run(config Config, signals Signals) {
	listener, err := new(net.ListenConfig).Listen(w.t.Context(), "tcp", config.Listen)
	if err != nil {
		w.t.Fatal(err)
	}
	w.url = "http://" + listener.Addr().String()
	w.config, w.gateway = config, New(config)
	ctx, stop := context.WithCancel(context.Background())
	w.stop = stop
	ended := make(chan error, 1)
	go func() { ended <- w.gateway.serve(ctx, listener, signals) }()
	w.t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			w.t.Errorf("gateway ended: %v", err)
		}
	})
}

func (w *world) count(next connect.UnaryFunc) connect.UnaryFunc {
	return func(ctx context.Context, request connect.AnyRequest) (connect.AnyResponse, error) {
		procedure := strings.TrimPrefix(request.Spec().Procedure, "/")
		context, _, _ := strings.Cut(procedure, ".")
		w.mu.Lock()
		w.calls[procedure]++
		w.authorization[context] = request.Header().Get("Authorization")
		w.mu.Unlock()
		return next(ctx, request)
	}
}

// called answers the calls made so far and forgets them.
func (w *world) called() map[string]int {
	w.mu.Lock()
	defer w.mu.Unlock()
	calls := maps.Clone(w.calls)
	clear(w.calls)
	return calls
}

func (w *world) setDown(context string, down bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.down[context] = down
}

// hang has a context answer nothing until release is called.
func (w *world) hang(context string) (release func()) {
	hung := make(chan struct{})
	w.mu.Lock()
	defer w.mu.Unlock()
	w.hung[context] = hung
	release = sync.OnceFunc(func() {
		w.mu.Lock()
		delete(w.hung, context)
		w.mu.Unlock()
		close(hung)
	})
	w.t.Cleanup(release)
	return release
}

func (w *world) authorized(context string) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.authorization[context]
}

// token is one that the gateway accepts.
func (w *world) token(who uuid.UUID) string {
	role := "CUSTOMER"
	if who == olga {
		role = "OPERATOR"
	}
	return w.issuer.Token(who, []string{role}, func(token jwt.Token) error { return token.Set("email", "who@quadrille.test") })
}

// answer is what a client gets.
type answer struct {
	Status int            `json:"-"`
	Data   map[string]any `json:"data"`
	Errors []struct {
		Message    string         `json:"message"`
		Path       []any          `json:"path"`
		Extensions map[string]any `json:"extensions"`
	} `json:"errors"`
	Extensions map[string]any `json:"extensions"`
}

// failures are the errors as "path: code".
func (a answer) failures() []string {
	var failures []string
	for _, e := range a.Errors {
		path := make([]string, len(e.Path))
		for i, part := range e.Path {
			path[i] = fmt.Sprint(part)
		}
		failures = append(failures, fmt.Sprintf("%s: %v", strings.Join(path, "."), e.Extensions["code"]))
	}
	return failures
}

// at is the value at a path into the data; list elements are named by their index.
func (a answer) at(path ...any) any {
	var value any = a.Data
	for _, part := range path {
		switch container := value.(type) {
		case map[string]any:
			value = container[part.(string)]
		case []any:
			value = container[part.(int)]
		default:
			return nil
		}
	}
	return value
}

// ask sends a document as somebody; with the nil id, anonymously.
func (w *world) ask(who uuid.UUID, document string, variables map[string]any) answer {
	w.t.Helper()
	token := ""
	if who != uuid.Nil {
		token = "Bearer " + w.token(who)
	}
	return w.post(token, document, variables)
}

func (w *world) post(authorization, document string, variables map[string]any) answer {
	w.t.Helper()
	body, err := json.Marshal(map[string]any{"query": document, "variables": variables})
	if err != nil {
		w.t.Fatal(err)
	}
	request, err := http.NewRequestWithContext(w.t.Context(), http.MethodPost, w.url+"/graphql", bytes.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	if authorization != "" {
		request.Header.Set("Authorization", authorization)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		w.t.Fatal(err)
	}
	defer response.Body.Close()
	got := answer{Status: response.StatusCode}
	if err := json.NewDecoder(response.Body).Decode(&got); err != nil {
		w.t.Fatalf("read answer: %v", err)
	}
	return got
}

// document is one operation of what clients send, with nothing else around it.
func document(t testing.TB, name string) string {
	t.Helper()
	for _, file := range []string{"shopper", "operator"} {
		text, err := os.ReadFile("testdata/operations/" + file + ".graphql")
		if err != nil {
			t.Fatal(err)
		}
		for part := range strings.SplitSeq(string(text), "\n}\n") {
			part = strings.TrimSpace(part)
			head, _, _ := strings.Cut(part, "{")
			if head, _, _ = strings.Cut(head, "("); len(strings.Fields(head)) == 2 && strings.Fields(head)[1] == name {
				return part + "\n}"
			}
		}
	}
	t.Fatalf("no operation %s", name)
	return ""
}
