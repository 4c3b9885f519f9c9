// Package serve runs a bounded context as a program: database, broker, HTTP server, loops, and an orderly end.
package serve

import (
	"context"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"connectrpc.com/connect"
	"github.com/prometheus/client_golang/prometheus"

	"quadrille.dev/platform/audit"
	"quadrille.dev/platform/inbox"
	"quadrille.dev/platform/outbox"
	"quadrille.dev/platform/postgres"
	"quadrille.dev/platform/prune"
	"quadrille.dev/platform/rabbit"
	"quadrille.dev/platform/resilience"
	"quadrille.dev/platform/telemetry"
)

// Host holds what a context's parts are built from.
type Host struct {
	Name   string
	DB     *postgres.DB
	Broker *rabbit.Broker
	Log    *slog.Logger

	config    Config
	listener  net.Listener
	mux       *http.ServeMux
	auth      *authenticator
	registry  *prometheus.Registry
	options   []connect.HandlerOption
	draining  atomic.Bool
	consuming consuming
	relay     *outbox.Relay
	parking   *inbox.Parking
	old       []prune.Table
	builds    map[string]Build
	restored  time.Time
	flush     func(context.Context) error

	mu         sync.Mutex
	neighbours []*resilience.Neighbour
}

// Loop is work that goes on until ctx ends. It returns an error only for what a restart of the program might mend.
type Loop func(ctx context.Context) error

// Open connects the database, migrates it with the platform's migrations and the context's own, and prepares broker and server.
// It waits for servers that are not up yet, until ctx ends.
func Open(ctx context.Context, config Config, name string, migrations fs.FS) (*Host, error) {
	if err := config.Validate(); err != nil {
		return nil, fmt.Errorf("read configuration: %w", err)
	}
	flush, err := telemetry.Trace(ctx, name)
	if err != nil {
		return nil, err
	}
	h := newHost(config, name)
	h.flush = flush
	if h.DB, err = postgres.Open(ctx, config.DatabaseURL, name, config.sessions()...); err != nil {
		h.Broker.Close()
		return nil, err
	}
	if err := h.prepare(ctx, migrations); err != nil {
		h.close()
		return nil, err
	}
	return h, nil
}

func newHost(config Config, name string) *Host {
	h := &Host{
		Name:     name,
		Log:      telemetry.Logger(os.Stderr, config.LogLevel, config.LogFormat, name),
		config:   config,
		mux:      http.NewServeMux(),
		auth:     newAuthenticator(config),
		registry: telemetry.Metrics(),
	}
	h.consuming.stop = make(chan struct{})
	h.options = handlerOptions(h.Log, h.registry)
	h.Broker = rabbit.New(rabbit.Config{
		URL: config.AMQPURL, ManagementURL: config.ManagementURL, Name: name, Console: config.page(name), Log: h.Log,
	})
	return h
}

// prepare does what needs the database.
func (h *Host) prepare(ctx context.Context, migrations fs.FS) error {
	sets := []struct {
		name string
		fs.FS
	}{{"outbox", outbox.Migrations()}, {"inbox", inbox.Migrations()}, {"audit", audit.Migrations()}, {h.Name, migrations}}
	for _, set := range sets {
		if err := h.DB.Migrate(ctx, set.name, set.FS); err != nil {
			return err
		}
	}
	h.parking = inbox.NewParking(h.DB, h.Name)
	var err error
	if h.restored, err = outbox.Restored(ctx, h.DB); err != nil {
		return err
	}
	h.registry.MustRegister(newBacklog(h.DB))
	h.relay = h.newRelay()
	h.serveHealth()
	h.serveOperations()
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", h.config.Listen)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	h.listener = listener
	return nil
}

// Addr is host and port that the server listens on.
func (h *Host) Addr() string { return h.listener.Addr().String() }

// Handle serves an RPC handler; requests reach it with a Caller, or not at all.
func (h *Host) Handle(pattern string, handler http.Handler) {
	h.mux.Handle(pattern, h.auth.wrap(sized(handler)))
}

// HandlePublic serves a handler to everyone.
func (h *Host) HandlePublic(pattern string, handler http.Handler) { h.mux.Handle(pattern, handler) }

// Options are what every RPC handler is made with.
func (h *Host) Options() []connect.HandlerOption { return h.options }

// Measure serves more metrics than those of every context.
func (h *Host) Measure(collectors ...prometheus.Collector) { h.registry.MustRegister(collectors...) }

// Client is how to call a neighbour: over HTTP/2, with timeout, retry of idempotent calls, circuit breaker and bulkhead, under the
// caller's own token or else this service's credential. Errors that mean "did not answer" are Unavailable.
func (h *Host) Client(neighbour string, timeout time.Duration) Client {
	client := NewClient(resilience.Config{To: neighbour, Timeout: timeout, Log: h.Log, Metrics: h.registry}, h.config.Credential)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.neighbours = append(h.neighbours, client.Neighbour)
	return client
}
