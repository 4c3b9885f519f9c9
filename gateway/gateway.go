// Package gateway is the client's way in: one GraphQL API over all contexts. It composes, authorises and streams, and owns nothing.
package gateway

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/propagation"
	"golang.org/x/sync/errgroup"

	"quadrille.dev/gateway/internal/acl"
	"quadrille.dev/gateway/internal/cache"
	"quadrille.dev/gateway/internal/edge"
	"quadrille.dev/gateway/internal/execute"
	"quadrille.dev/gateway/internal/graph"
	"quadrille.dev/gateway/internal/graph/generated"
	"quadrille.dev/gateway/internal/links"
	"quadrille.dev/gateway/internal/live"
	"quadrille.dev/gateway/internal/web"

	"quadrille.dev/platform/rabbit"
	"quadrille.dev/platform/serve"
	"quadrille.dev/platform/telemetry"
)

// Addresses are the URLs of the contexts.
type Addresses = acl.Addresses

// Config is what the gateway reads from its environment.
type Config struct {
	// Listen is host and port of the HTTP server.
	Listen string `env:"LISTEN" envDefault:"127.0.0.1:8080"`
	Addresses
	AMQPURL string `env:"AMQP_URL,required"`
	// JWKSURL is where the keys are that verify tokens.
	JWKSURL string `env:"JWKS_URL,required"`
	// JWKSCache is a file in which these keys outlive a restart while nobody answers there; empty for none.
	JWKSCache     string `env:"JWKS_CACHE"`
	TokenIssuer   string `env:"TOKEN_ISSUER" envDefault:"https://quadrille.dev"`
	TokenAudience string `env:"TOKEN_AUDIENCE" envDefault:"quadrille"`
	// TokenAlgorithms are those by which tokens may be signed; EdDSA unless set.
	TokenAlgorithms []string `env:"TOKEN_ALGORITHMS" envDefault:"EdDSA"`
	// Credential is the gateway's own, "name:secret", sent on calls without a user.
	Credential string `env:"SERVICE_CREDENTIAL,required"`
	// Cache is how products, prices and availability are kept.
	Cache cache.Settings
	// GCPercent is by how much the heap may grow before it is collected. It is half of Go's own default: much of the heap are streams, which
	// are idle nearly always, and would keep as much again free for nothing.
	GCPercent int `env:"GOGC" envDefault:"50"`
	// Playground is whether there is a playground; unless set, there is none in production.
	Playground *bool `env:"PLAYGROUND"`
	// Executor is planned or gqlgen: by whom operations are executed. Both answer the same.
	Executor string `env:"EXECUTOR" envDefault:"planned"`
	// LogLevel is DEBUG, INFO, WARN or ERROR.
	LogLevel slog.Level `env:"LOG_LEVEL" envDefault:"INFO"`
	// LogFormat is json or text.
	LogFormat string `env:"LOG_FORMAT" envDefault:"json"`
	// Links are where operators look at queues and traces.
	Links links.Settings
	// Edge is what clients may do.
	Edge edge.Config
}

// Validate tells what is wrong with the configuration.
func (c Config) Validate() error {
	if name, secret, _ := strings.Cut(c.Credential, ":"); name == "" || secret == "" {
		return errors.New("SERVICE_CREDENTIAL is not name:secret")
	}
	if c.LogFormat != "json" && c.LogFormat != "text" && c.LogFormat != "" {
		return fmt.Errorf("LOG_FORMAT %q is neither json nor text", c.LogFormat)
	}
	if c.Executor != byPlans && c.Executor != byField {
		return fmt.Errorf("EXECUTOR %q is neither %s nor %s", c.Executor, byPlans, byField)
	}
	return errors.Join(serve.CheckAlgorithms(c.TokenAlgorithms), c.Edge.Validate(), c.Cache.Validate(), c.Links.Validate())
}

// The executors: one of our own, and that of gqlgen.
const (
	byPlans = "planned"
	byField = "gqlgen"
)

// hasPlayground tells whether the playground is served.
func (c Config) hasPlayground() bool {
	if c.Playground != nil {
		return *c.Playground
	}
	return !c.Edge.Production
}

// headerLimit is in bytes; a query by GET is in the header.
const headerLimit = 64 << 10

// Signals hands over what other contexts signal and say; *rabbit.Broker does.
type Signals interface {
	cache.Broker
	Listen(ctx context.Context, context, key string, reconnected func(), handle func(key string, message []byte)) error
}

// Gateway is the program.
type Gateway struct {
	config   Config
	log      *slog.Logger
	registry *prometheus.Registry
	contexts *acl.Contexts
	goods    *cache.Goods
	hub      *live.Hub
	stock    *live.Stock
	verifier *serve.Verifier
}

// New makes a gateway that has called nobody yet.
func New(config Config) *Gateway {
	log, registry := telemetry.Logger(os.Stderr, config.LogLevel, config.LogFormat, "gateway"), telemetry.Metrics()
	contexts := acl.Connect(config.Addresses, config.Credential, log, registry)
	return &Gateway{
		config:   config,
		log:      log,
		registry: registry,
		contexts: contexts,
		goods:    cache.New(config.Cache, contexts.Catalog, contexts.Pricing, contexts.Inventory, log),
		hub:      live.NewHub(contexts.Chronicle, contexts.Ordering, log),
		stock:    live.NewStock(contexts.Inventory, log),
		verifier: serve.NewVerifier(config.JWKSURL, config.TokenIssuer, config.TokenAudience,
			serve.KeepKeys(config.JWKSCache), serve.Algorithms(config.TokenAlgorithms)),
	}
}

// Run serves until ctx ends, then lets requests finish and ends streams.
func (g *Gateway) Run(ctx context.Context) error {
	if err := g.config.Validate(); err != nil {
		return fmt.Errorf("read configuration: %w", err)
	}
	defer collect(g.config.GCPercent)()
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", g.config.Listen)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	broker := rabbit.New(rabbit.Config{URL: g.config.AMQPURL, Name: "gateway", Log: g.log})
	defer broker.Close()
	return g.serve(ctx, listener, broker)
}

func (g *Gateway) serve(ctx context.Context, listener net.Listener, signals Signals) error {
	flush, err := telemetry.Trace(ctx, "gateway")
	if err != nil {
		return err
	}
	defer telemetry.Flush(flush, g.log)
	defer g.contexts.Close()
	ready := edge.NewReadiness(g.probes())
	group, ctx := errgroup.WithContext(ctx)
	streams := edge.NewStreams(ctx, g.config.Edge.Streams, g.log, g.registry)
	handler, err := g.handler(streams, ready)
	if err != nil {
		return err
	}
	server := &http.Server{
		Handler:           handler,
		Protocols:         new(http.Protocols),
		ReadHeaderTimeout: g.config.Edge.HeaderWithin,
		IdleTimeout:       g.config.Edge.IdleFor,
		MaxHeaderBytes:    headerLimit,
		ErrorLog:          slog.NewLogLogger(g.log.Handler(), slog.LevelDebug),
	}
	server.Protocols.SetHTTP1(true)
	server.Protocols.SetUnencryptedHTTP2(true)
	group.Go(func() error {
		if err := server.Serve(edge.Listener(listener, g.config.Edge.TakeWithin)); !errors.Is(err, http.ErrServerClosed) {
			return fmt.Errorf("serve: %w", err)
		}
		return nil
	})
	group.Go(func() error { return serve.Rest(ctx) })
	group.Go(func() error { return g.hub.Run(ctx) })
	group.Go(func() error { return g.stock.Run(ctx) })
	group.Go(func() error {
		return signals.Listen(ctx, "inventory", "stock.level", g.stock.Reconnected, func(key string, message []byte) {
			g.goods.Signalled(key, message)
			g.stock.Signalled(key, message)
		})
	})
	group.Go(func() error {
		return signals.Listen(ctx, "chronicle", "saga.changed", g.hub.Reconnected, g.hub.Signalled)
	})
	g.goods.Listen(ctx, signals, group.Go)
	g.log.Info("serving", "address", listener.Addr().String())

	<-ctx.Done()
	g.log.Info("draining", "cause", context.Cause(ctx))
	ready.Drain()
	streams.Drain()
	serve.Shutdown(server)
	err = group.Wait()
	g.log.Info("drained")
	return err
}

// handler serves everything.
func (g *Gateway) handler(streams *edge.Streams, ready http.Handler) (http.Handler, error) {
	api, err := edge.GraphQL(g.schema(), g.verifier, g.config.Edge, streams, g.log, g.registry)
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("/graphql", traced(api))
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("ok\n")) })
	mux.Handle("GET /readyz", ready)
	mux.Handle("GET /metrics", telemetry.Handler(g.registry))
	mux.Handle("/", web.Handler(g.config.hasPlayground()))
	return mux, nil
}

// traced gives requests a span, in the trace of whoever asks. While spans are sent to nobody it has ids, and nobody watches the request.
func traced(api http.Handler) http.Handler {
	if telemetry.Exports() {
		return otelhttp.NewHandler(api, "graphql")
	}
	tracer := otel.Tracer("quadrille.dev/gateway")
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx := otel.GetTextMapPropagator().Extract(r.Context(), propagation.HeaderCarrier(r.Header))
		ctx, span := tracer.Start(ctx, "graphql")
		defer span.End()
		api.ServeHTTP(w, r.WithContext(ctx))
	})
}

// schema is the API with what answers it.
func (g *Gateway) schema() graphql.ExecutableSchema {
	config := generated.Config{
		Resolvers: &graph.Resolver{
			Contexts: g.contexts, Goods: g.goods, Live: g.hub, Stock: g.stock, Links: links.New(g.config.Links, g.config.AMQPURL),
			Version: serve.Version(),
		},
		Directives: graph.Directives(),
	}
	if g.config.Executor == byField {
		return generated.NewExecutableSchema(config)
	}
	return generated.NewPlannedSchema(config, execute.NewMeter(g.registry))
}

// probes ask for the contexts and for the keys that verify tokens.
func (g *Gateway) probes() []edge.Probe {
	probes := []edge.Probe{{Name: "keys", Ready: g.verifier.HasKeys, Needed: true}}
	for _, probe := range g.contexts.Probes {
		probes = append(probes, edge.Probe{Name: probe.Name, Ready: probe.Ready})
	}
	return probes
}
