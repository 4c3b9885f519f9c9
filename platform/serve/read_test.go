package serve_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"connectrpc.com/connect"
	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/otel/trace"
	"google.golang.org/protobuf/testing/protocmp"

	"quadrille.dev/platform/resilience"
	"quadrille.dev/platform/serve"
	"quadrille.dev/platform/telemetry"
	"quadrille.dev/platform/testkit/allocate"
	inventoryv1 "quadrille.dev/schema/rpc/inventory/v1"
	"quadrille.dev/schema/rpc/inventory/v1/inventoryv1connect"
)

type (
	availability = func(context.Context, *inventoryv1.GetAvailabilityRequest) (*inventoryv1.GetAvailabilityResponse, error)
	// neighbour answers as it is told.
	neighbour struct {
		inventoryv1connect.UnimplementedInventoryServiceHandler
		availability
	}
)

func (n *neighbour) GetAvailability(ctx context.Context, request *inventoryv1.GetAvailabilityRequest) (*inventoryv1.GetAvailabilityResponse, error) {
	return n.availability(ctx, request)
}

// of is what there is of an SKU.
func of(sku string) []*inventoryv1.Availability { return []*inventoryv1.Availability{{Sku: sku}} }

// bothWays calls a handler as Connect does, and plainly.
func bothWays(client serve.Client, url string) map[string]availability {
	all := inventoryv1connect.NewInventoryServiceClient(client.HTTP, url, client.Options...)
	odd := inventoryv1connect.NewInventoryServiceClient(client.Odd, url, client.OddOptions...)
	none := func() *inventoryv1.GetAvailabilityResponse { return new(inventoryv1.GetAvailabilityResponse) }
	return map[string]availability{
		"as Connect does": all.GetAvailability,
		"plainly":         availability(serve.Plainly(client, url, inventoryv1connect.InventoryServiceGetAvailabilityProcedure, none, all.GetAvailability, odd.GetAvailability)),
	}
}

// served is the handler of a neighbour, with the headers that it was asked with.
func served(t *testing.T, n *neighbour, headers *http.Header, wraps ...func(http.Handler) http.Handler) string {
	t.Helper()
	_, handler := inventoryv1connect.NewInventoryServiceHandler(n)
	for _, wrap := range wraps {
		handler = wrap(handler)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		*headers = r.Header.Clone()
		handler.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// compressed answers by gzip although nobody asks for it.
func compressed(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Header.Set("Accept-Encoding", "gzip")
		next.ServeHTTP(w, r)
	})
}

func TestWhatIsCalledPlainlyIsAnsweredTheSame(t *testing.T) {
	long := strings.Repeat("x", 100_000)
	refused := connect.NewError(connect.CodeInvalidArgument, errors.New("at most 1,000 ids"))
	elsewhere := connect.NewError(connect.CodeUnavailable, errors.New("pricing did not answer"))
	elsewhere.Meta().Set(resilience.Elsewhere, "pricing")
	cases := map[string]struct {
		answer *inventoryv1.GetAvailabilityResponse
		err    error
		wraps  []func(http.Handler) http.Handler
	}{
		"nothing":                 {answer: &inventoryv1.GetAvailabilityResponse{}},
		"little":                  {answer: &inventoryv1.GetAvailabilityResponse{Availabilities: of("1")}},
		"much, of a told length":  {answer: &inventoryv1.GetAvailabilityResponse{Availabilities: of(long)}, wraps: []func(http.Handler) http.Handler{serve.Sized}},
		"much, in chunks":         {answer: &inventoryv1.GetAvailabilityResponse{Availabilities: of(long)}},
		"compressed unasked":      {answer: &inventoryv1.GetAvailabilityResponse{Availabilities: of(long)}, wraps: []func(http.Handler) http.Handler{compressed}},
		"refused":                 {err: refused},
		"a third does not answer": {err: elsewhere},
		"an error inside":         {err: errors.New("inside")},
		"rubbish": {wraps: []func(http.Handler) http.Handler{func(http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "application/proto")
				_, _ = w.Write([]byte("\xff\xff\xff"))
			})
		}}},
		"a page": {wraps: []func(http.Handler) http.Handler{func(http.Handler) http.Handler { return http.NotFoundHandler() }}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			headers := new(http.Header)
			url := served(t, &neighbour{availability: func(context.Context, *inventoryv1.GetAvailabilityRequest) (*inventoryv1.GetAvailabilityResponse, error) {
				return c.answer, c.err
			}}, headers, c.wraps...)
			client := serve.NewClient(resilience.Config{To: "inventory", Attempts: 1}, "gateway:secret")
			type outcome struct {
				Answer          *inventoryv1.GetAvailabilityResponse
				Code            connect.Code
				Wire            bool
				Says, Elsewhere string
				Silent          string
			}
			outcomes := map[string]outcome{}
			for way, call := range bothWays(client, url) {
				for range 2 { // on a new line, and on one that was kept
					answer, err := call(t.Context(), &inventoryv1.GetAvailabilityRequest{})
					o := outcome{Answer: answer}
					if told, failed := errors.AsType[*connect.Error](err); failed {
						silent, _ := resilience.Silent(err)
						o = outcome{Code: told.Code(), Wire: connect.IsWireError(err), Elsewhere: told.Meta().Get(resilience.Elsewhere), Silent: silent}
						if o.Wire {
							o.Says = told.Message()
						}
					}
					outcomes[way] = o
				}
			}
			if diff := cmp.Diff(outcomes["as Connect does"], outcomes["plainly"], protocmp.Transform()); diff != "" {
				t.Error(diff)
			}
			if fails := c.answer == nil || name == "compressed unasked"; fails != (outcomes["plainly"].Code != 0) {
				t.Errorf("got %v", outcomes["plainly"])
			}
		})
	}
}

func TestWhatIsCalledPlainlyIsToldTheSame(t *testing.T) {
	if _, err := telemetry.Trace(t.Context(), "test"); err != nil {
		t.Fatal(err)
	}
	headers := new(http.Header)
	url := served(t, &neighbour{availability: func(context.Context, *inventoryv1.GetAvailabilityRequest) (*inventoryv1.GetAvailabilityResponse, error) {
		return &inventoryv1.GetAvailabilityResponse{}, nil
	}}, headers)
	client := serve.NewClient(resilience.Config{To: "inventory", Timeout: time.Minute}, "gateway:secret")
	state, err := trace.ParseTraceState("rojo=00f067aa0ba902b7")
	if err != nil {
		t.Fatal(err)
	}
	span := trace.NewSpanContext(trace.SpanContextConfig{TraceID: trace.TraceID{1}, SpanID: trace.SpanID{2}, TraceFlags: trace.FlagsSampled, TraceState: state})
	for name, ctx := range map[string]context.Context{
		"a person":          serve.WithToken(trace.ContextWithSpanContext(t.Context(), span), "token"),
		"the service":       trace.ContextWithSpanContext(t.Context(), span),
		"nobody's own call": t.Context(),
	} {
		told := map[string]http.Header{}
		for way, call := range bothWays(client, url) {
			if _, err := call(ctx, &inventoryv1.GetAvailabilityRequest{}); err != nil {
				t.Fatal(err)
			}
			if left := headers.Get("Connect-Timeout-Ms"); len(left) != len("59999") || left < "55000" {
				t.Errorf("%s has %q ms", way, left)
			}
			if begun := headers.Get("Traceparent"); name == "nobody's own call" && len(begun) == len("00-01-02-01")+44 {
				headers.Del("Traceparent") // another for each
			}
			for _, ofEach := range []string{"Connect-Timeout-Ms", "User-Agent"} {
				headers.Del(ofEach)
			}
			told[way] = *headers
		}
		if diff := cmp.Diff(told["as Connect does"], told["plainly"]); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// A neighbour that is away is called again, and then not, plainly or not.
func TestWhatIsCalledPlainlyIsTheNeighbours(t *testing.T) {
	client := serve.NewClient(resilience.Config{To: "inventory"}, "gateway:secret")
	for range 2 {
		_, err := bothWays(client, "http://127.0.0.1:1")["plainly"](t.Context(), &inventoryv1.GetAvailabilityRequest{})
		if silent, _ := resilience.Silent(err); silent != "inventory" || connect.CodeOf(err) != connect.CodeUnavailable {
			t.Errorf("got %v", err)
		}
	}
	if state := client.Neighbour.State(); state.State != resilience.Open {
		t.Errorf("the breaker is %v", state)
	}
	client.Neighbour.Close()
}

// A call ends when its time is over and when whoever calls goes away, on a line that is new and on one that was kept; the next has its own time.
func TestWhatIsCalledPlainlyEndsInTime(t *testing.T) {
	headers, hold := new(http.Header), make(chan struct{})
	held := make(chan struct{}, 1)
	n := &neighbour{}
	quick := func(context.Context, *inventoryv1.GetAvailabilityRequest) (*inventoryv1.GetAvailabilityResponse, error) {
		return &inventoryv1.GetAvailabilityResponse{}, nil
	}
	slow := func(context.Context, *inventoryv1.GetAvailabilityRequest) (*inventoryv1.GetAvailabilityResponse, error) {
		held <- struct{}{}
		<-hold
		return &inventoryv1.GetAvailabilityResponse{}, nil
	}
	n.availability = quick
	url := served(t, n, headers)
	defer close(hold)
	for _, kept := range []bool{false, true} {
		hurried := serve.NewClient(resilience.Config{To: "inventory", Timeout: 500 * time.Millisecond, Attempts: 1}, "gateway:secret")
		patient := serve.NewClient(resilience.Config{To: "inventory", Timeout: time.Minute, Attempts: 1}, "gateway:secret")
		inTime, call := bothWays(hurried, url)["plainly"], bothWays(patient, url)["plainly"]
		if kept {
			_, err := inTime(t.Context(), &inventoryv1.GetAvailabilityRequest{})
			_, err2 := call(t.Context(), &inventoryv1.GetAvailabilityRequest{})
			if err := errors.Join(err, err2); err != nil {
				t.Fatal(err)
			}
		}
		n.availability = slow
		_, err := inTime(t.Context(), &inventoryv1.GetAvailabilityRequest{})
		if silent, _ := resilience.Silent(err); silent != "inventory" || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		<-held
		ctx, cancel := context.WithCancel(t.Context())
		go func() { <-held; cancel() }()
		if _, err := call(ctx, &inventoryv1.GetAvailabilityRequest{}); connect.CodeOf(err) != connect.CodeCanceled {
			t.Errorf("got %v", err)
		}
		n.availability = quick
		if _, err := call(t.Context(), &inventoryv1.GetAvailabilityRequest{}); err != nil {
			t.Errorf("got %v", err)
		}
	}
}

func TestNobodySlipsAHeaderInByTheToken(t *testing.T) {
	headers := new(http.Header)
	url := served(t, &neighbour{}, headers)
	client := serve.NewClient(resilience.Config{To: "inventory", Attempts: 1}, "gateway:secret")
	_, err := bothWays(client, url)["plainly"](serve.WithToken(t.Context(), "x\r\nAuthorization: Service x"), &inventoryv1.GetAvailabilityRequest{})
	if err == nil || *headers != nil {
		t.Errorf("got %v, %v", err, *headers)
	}
}

func TestAPlainCallIsMadeWithFewAllocations(t *testing.T) {
	headers := new(http.Header)
	url := served(t, &neighbour{availability: func(context.Context, *inventoryv1.GetAvailabilityRequest) (*inventoryv1.GetAvailabilityResponse, error) {
		return &inventoryv1.GetAvailabilityResponse{}, nil
	}}, headers)
	client := serve.NewClient(resilience.Config{To: "inventory"}, "gateway:secret")
	call, ctx := bothWays(client, url), serve.WithToken(context.Background(), "token")
	// The server's are among them.
	allocate.AtMost(t, 150, func() {
		if _, err := call["plainly"](ctx, &inventoryv1.GetAvailabilityRequest{}); err != nil {
			t.Fatal(err)
		}
	})
}
