package serve_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"connectrpc.com/connect"
	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5/pgconn"
	"go.opentelemetry.io/otel/trace"
	"google.golang.org/protobuf/testing/protocmp"

	"quadrille.dev/platform/resilience"
	"quadrille.dev/platform/serve"
	operationsv1 "quadrille.dev/schema/rpc/operations/v1"
	"quadrille.dev/schema/rpc/operations/v1/operationsv1connect"
)

// handler answers a call as the test says.
type handler func(ctx context.Context) error

// answering is a service that answers GetStatus alone.
type answering struct {
	operationsv1connect.UnimplementedOperationsServiceHandler
	handler
}

// GetStatus is the handler's, not that of the service which has none.
func (a answering) GetStatus(ctx context.Context, r *operationsv1.GetStatusRequest) (*operationsv1.GetStatusResponse, error) {
	return a.handler.GetStatus(ctx, r)
}

func (h handler) GetStatus(ctx context.Context, _ *operationsv1.GetStatusRequest) (*operationsv1.GetStatusResponse, error) {
	return &operationsv1.GetStatusResponse{}, h(ctx)
}

// mount serves h as a second service of the host's, under /test, and answers how a neighbour calls it.
func mount(host *serve.Host, h handler) operationsv1connect.OperationsServiceClient {
	mountAt(host, "/test", h)
	client := serve.NewClient(resilience.Config{To: "inventory"}, "gateway:secret")
	return operationsv1connect.NewOperationsServiceClient(client.HTTP, "http://"+host.Addr()+"/test", client.Options...)
}

func mountAt(host *serve.Host, prefix string, h handler) {
	_, rpc := operationsv1connect.NewOperationsServiceHandler(answering{handler: h}, host.Options()...)
	host.Handle(prefix+"/", http.StripPrefix(prefix, rpc))
}

func call(ctx context.Context, client operationsv1connect.OperationsServiceClient) error {
	_, err := client.GetStatus(ctx, &operationsv1.GetStatusRequest{})
	return err
}

func TestInsidesStayInside(t *testing.T) {
	host, _ := open(t, "inventory")
	var behave func() error
	client := mount(host, func(context.Context) error { return behave() })
	run(t, host)
	refused := connect.NewError(connect.CodeInvalidArgument, errors.New("at most 1,000 ids"))
	fails := func(err error) func() error { return func() error { return err } }
	const inside = "internal error "
	cases := map[string]struct {
		behave func() error
		want   connect.Code
		says   string
	}{
		"an error":         {fails(errors.New(`relation "stock" does not exist`)), connect.CodeInternal, inside},
		"a panic":          {func() error { panic("stock is nil") }, connect.CodeInternal, inside},
		"an internal":      {fails(connect.NewError(connect.CodeInternal, errors.New("stock"))), connect.CodeInternal, inside},
		"meant for them":   {fails(fmt.Errorf("stock: %w", refused)), connect.CodeInvalidArgument, "at most 1,000 ids"},
		"a lost database":  {fails(fmt.Errorf("stock: %w", &pgconn.PgError{Code: "57P01"})), connect.CodeUnavailable, "database unavailable"},
		"from a neighbour": {fails(connect.NewWireError(connect.CodeNotFound, errors.New("stock"))), connect.CodeInternal, inside},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			behave = c.behave
			err := call(t.Context(), client)
			if connect.CodeOf(err) != c.want || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "stock") {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestASilentNeighbourIsNamed(t *testing.T) {
	host, _ := open(t, "inventory")
	away := host.Client("pricing", time.Second)
	pricing := operationsv1connect.NewOperationsServiceClient(away.HTTP, "http://127.0.0.1:1", away.Options...)
	client := mount(host, func(ctx context.Context) error { return call(ctx, pricing) })
	run(t, host)
	err := call(t.Context(), client)
	if connect.CodeOf(err) != connect.CodeUnavailable {
		t.Errorf("got %v", err)
	}
	if strings.Contains(err.Error(), "127.0.0.1:1") {
		t.Errorf("address told: %v", err)
	}
	// A caller's caller gets to know as much.
	mountAt(host, "/outer", func(ctx context.Context) error { return call(ctx, client) })
	outer := operationsv1connect.NewOperationsServiceClient(http.DefaultClient, "http://"+host.Addr()+"/outer",
		connect.WithInterceptors(header("Authorization", "Service gateway:secret")))
	if silent, _ := resilience.Silent(call(t.Context(), outer)); silent != "pricing" {
		t.Errorf("silent is %q", silent)
	}
	status, err := operationsClient(host).GetStatus(t.Context(), &operationsv1.GetStatusRequest{})
	if err != nil {
		t.Fatal(err)
	}
	want := []*operationsv1.Breaker{{To: "pricing", State: resilience.Open, Failures: 5}}
	if diff := cmp.Diff(want, status.Breakers, protocmp.Transform(), protocmp.IgnoreFields(&operationsv1.Breaker{}, "since")); diff != "" {
		t.Error(diff)
	}
}

func operationsClient(host *serve.Host) operationsv1connect.OperationsServiceClient {
	client := serve.NewClient(resilience.Config{To: host.Name}, "gateway:secret")
	return operationsv1connect.NewOperationsServiceClient(client.HTTP, "http://"+host.Addr(), client.Options...)
}

// A call made for a person is made as that person, and any other as the service, through as many contexts as there are.
func TestCallersAndTracesTravel(t *testing.T) {
	host, issuer := open(t, "gateway")
	type heard struct {
		caller serve.Caller
		trace  trace.TraceID
		left   time.Duration
	}
	var last heard
	record := handler(func(ctx context.Context) error {
		deadline, _ := ctx.Deadline()
		last = heard{serve.CallerFrom(ctx), trace.SpanContextFromContext(ctx).TraceID(), time.Until(deadline)}
		return nil
	})
	inner := mount(host, record)
	mountAt(host, "/outer", func(ctx context.Context) error { return call(ctx, inner) })
	itself := host.Client("itself", time.Minute)
	outer := operationsv1connect.NewOperationsServiceClient(itself.HTTP, "http://"+host.Addr()+"/outer", itself.Options...)
	run(t, host)

	id := trace.TraceID{7}
	ctx := trace.ContextWithSpanContext(t.Context(), trace.NewSpanContext(trace.SpanContextConfig{
		TraceID: id, SpanID: trace.SpanID{7}, TraceFlags: trace.FlagsSampled,
	}))
	token := issuer.Token(ada, []string{serve.Customer})
	if err := call(serve.WithToken(ctx, token), outer); err != nil {
		t.Fatal(err)
	}
	if last.caller.ID != ada || last.caller.Service != "" || last.trace != id || last.left <= 0 || last.left > 5*time.Second {
		t.Errorf("as a person: %+v", last)
	}
	if err := call(ctx, inner); err != nil {
		t.Fatal(err)
	}
	if last.caller.Service != "gateway" || last.trace != id {
		t.Errorf("as a service: %+v", last)
	}
}

func TestNotReadyWithoutADatabase(t *testing.T) {
	host, _ := open(t, "inventory")
	run(t, host)
	awaitReady(t, host)
	host.DB.Close()
	code, body := get(t, "http://"+host.Addr()+"/readyz")
	if code != http.StatusServiceUnavailable || !strings.Contains(body, "database") {
		t.Errorf("got %d %s", code, body)
	}
	if code, _ := get(t, "http://"+host.Addr()+"/healthz"); code != http.StatusOK {
		t.Errorf("healthz: %d", code)
	}
}
