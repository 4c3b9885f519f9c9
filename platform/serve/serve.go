// Package serve runs a bounded context as a program: database, broker, HTTP server, loops, and an orderly end.
package serve

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"net/http"
	"time"

	"connectrpc.com/connect"
	"github.com/jackc/pgx/v5"

	"quadrille.dev/platform/inbox"
	"quadrille.dev/platform/postgres"
	"quadrille.dev/platform/rabbit"
)

// Config is what every context reads from its environment.
type Config struct {
	// Listen is host and port of the HTTP server, for RPC, health and metrics.
	Listen      string `env:"LISTEN" envDefault:"127.0.0.1:0"`
	DatabaseURL string `env:"DATABASE_URL,required"`
	AMQPURL     string `env:"AMQP_URL,required"`
	// ManagementURL is the broker's management API, by which relays see whether all bindings are there. Without it they
	// trust that they are.
	ManagementURL string `env:"RABBITMQ_MANAGEMENT_URL"`
	// JWKSURL is where the keys are that verify tokens.
	JWKSURL       string `env:"JWKS_URL,required"`
	TokenIssuer   string `env:"TOKEN_ISSUER" envDefault:"https://quadrille.dev"`
	TokenAudience string `env:"TOKEN_AUDIENCE" envDefault:"quadrille"`
	// Credential is this service's own, "name:secret", sent on calls without a user.
	Credential string `env:"SERVICE_CREDENTIAL,required"`
	// TrustedServices are the services that may call without a user: name to hexadecimal SHA-256 of the secret.
	TrustedServices map[string]string `env:"TRUSTED_SERVICES"`
}

// Host holds what a context's parts are built from.
type Host struct {
	Name   string
	DB     *postgres.DB
	Broker *rabbit.Broker
	Log    *slog.Logger
}

// Loop is work that goes on until ctx ends. It returns an error only for what a restart of the program might mend.
type Loop func(ctx context.Context) error

// Open connects the database, migrates it with the platform's migrations and the context's own, and prepares broker and server.
// It waits for servers that are not up yet, until ctx ends.
func Open(ctx context.Context, config Config, name string, migrations fs.FS) (*Host, error) {
	return nil, errors.ErrUnsupported
}

// Handle serves an RPC handler; requests reach it with a Caller, or not at all.
func (h *Host) Handle(pattern string, handler http.Handler) {}

// HandlePublic serves a handler to everyone.
func (h *Host) HandlePublic(pattern string, handler http.Handler) {}

// Options are what every RPC handler is made with.
func (h *Host) Options() []connect.HandlerOption { return nil }

// Client is how to call a neighbour: over HTTP/2, with timeout, retry of idempotent calls, circuit breaker and bulkhead, under the
// caller's own token or else this service's credential. Errors that mean "did not answer" are Unavailable.
func (h *Host) Client(neighbour string, timeout time.Duration) (*http.Client, []connect.ClientOption) {
	return nil, nil
}

// Consumer is the loop that brings the facts of routes to the context. bind makes the store that lives in a transaction.
func Consumer[S any](h *Host, routes inbox.Routes[S], bind func(pgx.Tx) S) Loop { return nil }

// Run serves until ctx ends, then drains: no new requests, then no new messages, then loops, and last the relay.
func (h *Host) Run(ctx context.Context, loops ...Loop) error { return errors.ErrUnsupported }
