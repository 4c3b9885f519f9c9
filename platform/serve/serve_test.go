package serve_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"connectrpc.com/connect"

	"quadrille.dev/platform/serve"
	"quadrille.dev/platform/testkit"
	operationsv1 "quadrille.dev/schema/rpc/operations/v1"
	"quadrille.dev/schema/rpc/operations/v1/operationsv1connect"
)

// noMigrations is a context that has no tables of its own but one.
var noMigrations = fstest.MapFS{"00001_thing.sql": {Data: []byte("-- +goose Up\nCREATE TABLE thing (id uuid PRIMARY KEY);\n")}}

func digest(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}

// open gives a test a host of its own, with an issuer that it trusts.
func open(t *testing.T, name string) (*serve.Host, *testkit.Issuer) {
	t.Helper()
	return openAt(t, name, testkit.RabbitMQ(t))
}

// openAt is open with a broker that several hosts share.
func openAt(t *testing.T, name, broker string) (*serve.Host, *testkit.Issuer) {
	t.Helper()
	issuer := testkit.NewIssuer(t)
	host, err := serve.Open(t.Context(), serve.Config{
		Listen:          "127.0.0.1:0",
		LogLevel:        slog.LevelError + 1,
		DatabaseURL:     testkit.Postgres(t),
		AMQPURL:         broker,
		ManagementURL:   testkit.RabbitMQManagement(t),
		JWKSURL:         issuer.URL,
		TokenIssuer:     testkit.TokenIssuer,
		TokenAudience:   testkit.TokenAudience,
		Credential:      name + ":secret-of-" + name,
		TrustedServices: map[string]string{"gateway": digest("secret")},
	}, name, noMigrations)
	if err != nil {
		t.Fatal(err)
	}
	return host, issuer
}

// run runs a host until the test ends.
func run(t *testing.T, host *serve.Host, loops ...serve.Loop) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	done := make(chan error, 1)
	go func() { done <- host.Run(ctx, loops...) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("run: %v", err)
		}
	})
}

func get(t *testing.T, url string) (int, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(body)
}

// awaitReady asks again and again; the test's own deadline ends it.
func awaitReady(t *testing.T, host *serve.Host) {
	t.Helper()
	for {
		if code, _ := get(t, "http://"+host.Addr()+"/readyz"); code == http.StatusOK {
			return
		}
	}
}

// The gateway gives a context a second to say how it is.
func TestStatusWhileTheBrokerIsDown(t *testing.T) {
	host, issuer := openAt(t, "inventory", "amqp://guest:guest@127.0.0.1:1/")
	run(t, host)
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	client := operationsv1connect.NewOperationsServiceClient(http.DefaultClient, "http://"+host.Addr(),
		connect.WithInterceptors(header("Authorization", "Bearer "+issuer.Token(ada, []string{serve.Operator}))))
	status, err := client.GetStatus(ctx, &operationsv1.GetStatusRequest{})
	if err != nil || status.InboxReady != -1 || status.Dead != -1 {
		t.Errorf("got %v, %v", status, err)
	}
}

func TestStatusOverJSON(t *testing.T) {
	host, _ := open(t, "inventory")
	run(t, host)
	url := "http://" + host.Addr() + operationsv1connect.OperationsServiceGetStatusProcedure
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Authorization", "Service gateway:secret")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	if response.StatusCode != http.StatusOK || !strings.Contains(string(body), `"name":"inventory"`) {
		t.Errorf("got %s: %s", response.Status, body)
	}
}

// A context that is alone on its broker lacks the bindings of all who should hear it.
func TestARelayThatPausesShows(t *testing.T) {
	host, issuer := open(t, "inventory")
	run(t, host)
	client := operationsv1connect.NewOperationsServiceClient(http.DefaultClient, "http://"+host.Addr(),
		connect.WithInterceptors(header("Authorization", "Bearer "+issuer.Token(ada, []string{serve.Operator}))))
	var reason string
	for !strings.Contains(reason, "ordering.inbox is not bound to inventory.events by stock.deducted.*") {
		status, err := client.GetStatus(t.Context(), &operationsv1.GetStatusRequest{})
		if err != nil {
			t.Fatal(err)
		}
		reason = status.RelayPaused
	}
	if _, metrics := get(t, "http://"+host.Addr()+"/metrics"); !strings.Contains(metrics, "quadrille_relay_paused 1") {
		t.Error("no quadrille_relay_paused 1 in metrics")
	}
}

func TestHealthAndMetrics(t *testing.T) {
	host, _ := open(t, "inventory")
	run(t, host)
	if code, body := get(t, "http://"+host.Addr()+"/healthz"); code != http.StatusOK {
		t.Errorf("healthz: %d %s", code, body)
	}
	awaitReady(t, host)
	_, metrics := get(t, "http://"+host.Addr()+"/metrics")
	for _, name := range []string{
		"quadrille_outbox_backlog 0", "quadrille_outbox_oldest_seconds 0", "quadrille_inbox_parked 0", "go_goroutines",
		"quadrille_relay_unconfirmed_seconds", "quadrille_relay_stalls_total 0",
	} {
		if !strings.Contains(metrics, name) {
			t.Errorf("no %s in metrics", name)
		}
	}
}

func TestOnlyOperatorsAndServicesSeeStatus(t *testing.T) {
	host, issuer := open(t, "inventory")
	run(t, host)
	cases := map[string]struct {
		authorization string
		want          connect.Code
	}{
		"nobody":                   {"", connect.CodeUnauthenticated},
		"a scheme that is unknown": {"Basic YTpi", connect.CodeUnauthenticated},
		"a bad token":              {"Bearer rubbish", connect.CodeUnauthenticated},
		"a customer":               {"Bearer " + issuer.Token(ada, []string{serve.Customer}), connect.CodePermissionDenied},
		"an operator":              {"Bearer " + issuer.Token(ada, []string{serve.Operator}), 0},
		"a service":                {"Service gateway:secret", 0},
		"a wrong secret":           {"Service gateway:secret2", connect.CodeUnauthenticated},
		"an unknown service":       {"Service stranger:secret", connect.CodeUnauthenticated},
		"a service without name":   {"Service :", connect.CodeUnauthenticated},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			client := operationsv1connect.NewOperationsServiceClient(http.DefaultClient, "http://"+host.Addr(),
				connect.WithInterceptors(header("Authorization", c.authorization)))
			_, err := client.GetStatus(t.Context(), &operationsv1.GetStatusRequest{})
			if err == nil && c.want != 0 || err != nil && connect.CodeOf(err) != c.want {
				t.Errorf("got %v, want %v", err, c.want)
			}
		})
	}
}

func header(name, value string) connect.Interceptor {
	return connect.UnaryInterceptorFunc(func(next connect.UnaryFunc) connect.UnaryFunc {
		return func(ctx context.Context, request connect.AnyRequest) (connect.AnyResponse, error) {
			if value != "" {
				request.Header().Set(name, value)
			}
			return next(ctx, request)
		}
	})
}
