package edge

import (
	"context"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/vektah/gqlparser/v2/ast"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
)

// observer gives every operation a span, named by its type as OpenTelemetry's semantic conventions have it, and measures it; one that
// nobody is sent is left out where the request has ids. Names that clients choose are attributes of spans; as labels of a metric there would
// be no end of them. A subscription is observed until it stands.
type observer struct{ seconds *prometheus.HistogramVec }

var _ interface {
	graphql.HandlerExtension
	graphql.OperationInterceptor
} = observer{}

func newObserver(registry prometheus.Registerer) observer {
	seconds := prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "quadrille_graphql_seconds",
		Help: "How long operations took: ok, partial if there were errors beside data, failed if there were only errors.",
	}, []string{"operation", "outcome"})
	registry.MustRegister(seconds)
	return observer{seconds}
}

func (observer) ExtensionName() string { return "Observer" }

func (observer) Validate(graphql.ExecutableSchema) error { return nil }

func (o observer) InterceptOperation(ctx context.Context, next graphql.OperationHandler) graphql.ResponseHandler {
	operation, begun := graphql.GetOperationContext(ctx), time.Now()
	kind := string(operation.Operation.Operation)
	span := trace.SpanFromContext(ctx)
	if span.IsRecording() || !span.SpanContext().IsValid() {
		ctx, span = otel.Tracer("quadrille.dev/gateway").Start(ctx, kind, trace.WithAttributes(
			attribute.String("graphql.operation.type", kind),
			attribute.String("graphql.operation.name", operation.OperationName),
		))
	}
	respond := next(ctx)
	ended := false
	end := func(outcome string) {
		if ended {
			return
		}
		ended = true
		if outcome != "ok" {
			span.SetStatus(codes.Error, outcome)
		}
		span.End()
		o.seconds.WithLabelValues(kind, outcome).Observe(time.Since(begun).Seconds())
	}
	if operation.Operation.Operation == ast.Subscription {
		end("ok")
		return respond
	}
	return func(ctx context.Context) *graphql.Response {
		response := respond(trace.ContextWithSpan(ctx, span))
		if response == nil || response.HasNext == nil || !*response.HasNext {
			end(outcomeOf(response))
		}
		return response
	}
}

func outcomeOf(response *graphql.Response) string {
	switch {
	case response == nil || len(response.Errors) == 0:
		return "ok"
	case len(response.Data) == 0 || string(response.Data) == "null":
		return "failed"
	default:
		return "partial"
	}
}
