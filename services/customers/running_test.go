package customers_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"log/slog"
	"net"
	"net/http"
	"testing"
	"time"

	"connectrpc.com/connect"
	"github.com/jackc/pgx/v5"

	"quadrille.dev/platform/event"
	"quadrille.dev/platform/resilience"
	"quadrille.dev/platform/serve"
	"quadrille.dev/platform/testkit"
	"quadrille.dev/schema/rpc/customers/v1/customersv1connect"
	"quadrille.dev/services/customers"
)

// running is customers as a program of the test's own, with what a neighbour has: an address and a credential.
type running struct {
	config customers.Config
	url    string
	stop   func()
}

type customersConfig = customers.Config

// start runs customers until the test ends. As nobody subscribes to its facts, they stay in the outbox.
func start(t *testing.T, change ...func(*customers.Config)) *running {
	t.Helper()
	address := freeAddress(t)
	sum := sha256.Sum256([]byte("secret"))
	config := customers.Config{TokenTTL: time.Minute, SeedDemoAccounts: true, Config: serve.Config{
		Listen:          address,
		DatabaseURL:     testkit.Postgres(t),
		AMQPURL:         testkit.RabbitMQ(t),
		ManagementURL:   testkit.RabbitMQManagement(t),
		JWKSURL:         "http://" + address + "/.well-known/jwks.json",
		TokenIssuer:     testkit.TokenIssuer,
		TokenAudience:   testkit.TokenAudience,
		Credential:      "customers:secret",
		TrustedServices: map[string]string{"gateway": hex.EncodeToString(sum[:])},
		LogLevel:        slog.LevelError + 1,
	}}
	for _, c := range change {
		c(&config)
	}
	r := &running{config: config, url: "http://" + address}
	r.stop = r.run(t)
	t.Cleanup(func() { r.stop() })
	return r
}

// restart ends the program and runs it again.
func (r *running) restart(t *testing.T) {
	t.Helper()
	r.stop()
	r.stop = r.run(t)
}

// run runs the program until what it returns is called.
func (r *running) run(t *testing.T) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	done := make(chan error, 1)
	go func() { done <- customers.New(r.config).Run(ctx) }()
	for !r.ready(t) {
		select {
		case err := <-done:
			t.Fatalf("run: %v", err)
		default:
		}
	}
	return func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("run: %v", err)
		}
	}
}

func (r *running) ready(t *testing.T) bool {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, r.url+"/readyz", nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return false
	}
	defer response.Body.Close()
	return response.StatusCode == http.StatusOK
}

func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

// gateway calls as a service, or under the token of ctx.
func (r *running) gateway() customersv1connect.CustomersServiceClient {
	client := serve.NewClient(resilience.Config{To: "customers"}, "gateway:secret")
	return customersv1connect.NewCustomersServiceClient(client.HTTP, r.url, client.Options...)
}

// with calls with an Authorization header of the test's choice.
func (r *running) with(authorization string) customersv1connect.CustomersServiceClient {
	header := connect.UnaryInterceptorFunc(func(next connect.UnaryFunc) connect.UnaryFunc {
		return func(ctx context.Context, request connect.AnyRequest) (connect.AnyResponse, error) {
			request.Header().Set("Authorization", authorization)
			return next(ctx, request)
		}
	})
	return customersv1connect.NewCustomersServiceClient(http.DefaultClient, r.url, connect.WithInterceptors(header))
}

// facts are those in the outbox about a customer, in order.
func (r *running) facts(t *testing.T, customer string) []event.Envelope {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), r.config.DatabaseURL)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(t.Context())) }()
	rows, err := conn.Query(t.Context(), `SELECT envelope FROM outbox WHERE subject = $1 ORDER BY sequence`, customer)
	if err != nil {
		t.Fatal(err)
	}
	facts, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (event.Envelope, error) {
		var (
			body []byte
			fact event.Envelope
		)
		if err := row.Scan(&body); err != nil {
			return fact, err
		}
		return fact, json.Unmarshal(body, &fact)
	})
	if err != nil {
		t.Fatal(err)
	}
	return facts
}
