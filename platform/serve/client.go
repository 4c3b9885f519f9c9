package serve

import (
	"context"
	"net"
	"net/http"
	"time"

	"connectrpc.com/connect"
	"connectrpc.com/otelconnect"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"quadrille.dev/platform/resilience"
	"quadrille.dev/platform/telemetry"
	"quadrille.dev/platform/wire"
)

// Client is how to call one neighbour.
type Client struct {
	HTTP    connect.HTTPClient
	Options []connect.ClientOption
	// Inquiring are the options of a client that asks how the neighbour is, under the service's own credential: also while the breaker
	// is open.
	Inquiring []connect.ClientOption
	// Odd and OddOptions are those of a client that asks nobody: it reads what Plainly was answered.
	Odd        connect.HTTPClient
	OddOptions []connect.ClientOption
	// Neighbour tells how its breaker stands.
	Neighbour *resilience.Neighbour

	wire       *wire.Client
	credential string
}

// NewClient makes a client that calls without encryption, under the token of its calls' ctx (WithToken) or else under credential,
// "name:secret": what may be repeated over HTTP/1.1, which costs least, and all else over HTTP/2, where a neighbour that stops says which
// calls it has not begun.
func NewClient(config resilience.Config, credential string) Client {
	client := wire.NewClient(&http.Client{Transport: transport()})
	config.Ready = func(ctx context.Context, address string) bool { return ready(ctx, client, address) }
	neighbour := resilience.New(config)
	return Client{
		HTTP:       client,
		Odd:        already{},
		OddOptions: []connect.ClientOption{plain},
		Neighbour:  neighbour,
		wire:       client,
		credential: credential,
		Options: []connect.ClientOption{
			connect.WithInterceptors(neighbour.Interceptor(), carrying(), credentials(credential), repeatable()), plain,
		},
		Inquiring: []connect.ClientOption{
			connect.WithInterceptors(neighbour.Inquiry(), carrying(), service(credential), repeatable()), plain,
		},
	}
}

// plain has neighbours answer without compressing: they are near, and to decompress would cost more than all else that is done with an answer.
var plain = connect.WithAcceptCompression("gzip", nil, nil)

// repeatable tells the connection which calls may be repeated.
func repeatable() connect.Interceptor {
	return connect.UnaryInterceptorFunc(func(next connect.UnaryFunc) connect.UnaryFunc {
		return func(ctx context.Context, request connect.AnyRequest) (connect.AnyResponse, error) {
			if request.Spec().IdempotencyLevel == connect.IdempotencyNoSideEffects {
				ctx = wire.Repeatable(ctx)
			}
			return next(ctx, request)
		}
	})
}

// ready asks a context whether it is.
func ready(ctx context.Context, client connect.HTTPClient, address string) bool {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+"/readyz", nil)
	if err != nil {
		return false
	}
	response, err := client.Do(request)
	if err != nil {
		return false
	}
	_ = response.Body.Close()
	return response.StatusCode == http.StatusOK
}

// transport speaks HTTP/2 from the first byte on. A connection on which nothing is heard is given up, so that a neighbour that was
// stopped in mid-air is called anew when it is back.
func transport() *http.Transport {
	protocols := new(http.Protocols)
	protocols.SetUnencryptedHTTP2(true)
	protocols.SetHTTP2(true)
	return &http.Transport{
		Protocols:          protocols,
		DialContext:        (&net.Dialer{Timeout: time.Second, KeepAlive: 15 * time.Second}).DialContext,
		IdleConnTimeout:    90 * time.Second,
		DisableCompression: true,
		HTTP2:              &http.HTTP2Config{SendPingTimeout: 5 * time.Second, PingTimeout: 2 * time.Second},
	}
}

// tracing carries the trace from one context to the next.
func tracing() connect.Interceptor {
	interceptor, err := otelconnect.NewInterceptor(otelconnect.WithTrustRemote(), otelconnect.WithoutMetrics())
	if err != nil {
		panic(err)
	}
	return interceptor
}

// carrying is tracing for calls to neighbours. A span that nobody is sent costs more than the call: then only the ids are carried.
func carrying() connect.Interceptor {
	if telemetry.Exports() {
		return tracing()
	}
	return connect.UnaryInterceptorFunc(func(next connect.UnaryFunc) connect.UnaryFunc {
		return func(ctx context.Context, request connect.AnyRequest) (connect.AnyResponse, error) {
			ctx, end := inTrace(ctx, request.Spec().Procedure)
			defer end()
			otel.GetTextMapPropagator().Inject(ctx, propagation.HeaderCarrier(request.Header()))
			return next(ctx, request)
		}
	})
}

// inTrace is ctx in the trace that a call belongs to, or in one that begins with the call and lasts until end.
func inTrace(ctx context.Context, procedure string) (in context.Context, end func()) {
	if trace.SpanContextFromContext(ctx).IsValid() {
		return ctx, func() {}
	}
	ctx, span := otel.Tracer("quadrille.dev/platform/serve").Start(ctx, procedure)
	return ctx, func() { span.End() }
}

// service tells the neighbour that the service itself calls, whoever it does that for.
func service(credential string) connect.Interceptor {
	return connect.UnaryInterceptorFunc(func(next connect.UnaryFunc) connect.UnaryFunc {
		return func(ctx context.Context, request connect.AnyRequest) (connect.AnyResponse, error) {
			request.Header().Set("Authorization", "Service "+credential)
			return next(ctx, request)
		}
	})
}

// credentials tells the neighbour who calls.
func credentials(service string) connect.Interceptor {
	return connect.UnaryInterceptorFunc(func(next connect.UnaryFunc) connect.UnaryFunc {
		return func(ctx context.Context, request connect.AnyRequest) (connect.AnyResponse, error) {
			scheme, secret := authorization(ctx, service)
			request.Header().Set("Authorization", scheme+" "+secret)
			return next(ctx, request)
		}
	})
}

// authorization is what the neighbour knows the caller by: the token of the person for whom it is called, or else the service's credential.
func authorization(ctx context.Context, service string) (scheme, secret string) {
	if token := tokenFrom(ctx); token != "" {
		return "Bearer", token
	}
	return "Service", service
}
