package outbox

import (
	"context"
	"strings"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
)

// sampled is a trace of which spans are kept; nil for any other.
func sampled(traceparent string) *string {
	if !strings.HasSuffix(traceparent, "-01") {
		return nil
	}
	return &traceparent
}

// startSpan begins what lies between handing a fact to the broker and its confirm, in the trace that the fact was written in.
func startSpan(r row) trace.Span {
	if r.traceparent == nil {
		return nil
	}
	ctx := propagation.TraceContext{}.Extract(context.Background(), propagation.MapCarrier{"traceparent": *r.traceparent})
	_, span := otel.Tracer("quadrille.dev/platform/outbox").Start(ctx, "publish "+strings.TrimPrefix(r.aggregate.source, "/")+"."+r.routingKey,
		trace.WithSpanKind(trace.SpanKindProducer),
		trace.WithLinks(trace.LinkFromContext(ctx)),
		trace.WithAttributes(
			attribute.String("messaging.system", "rabbitmq"),
			attribute.String("messaging.operation.type", "send"),
			attribute.String("messaging.message.id", r.id.String()),
			attribute.String("messaging.rabbitmq.destination.routing_key", r.routingKey),
		))
	return span
}

// landed ends the span of what the broker has taken, or has not for a reason.
func (f flying) landed(reason string) {
	if f.span == nil {
		return
	}
	if reason != "" {
		f.span.SetStatus(codes.Error, reason)
	}
	f.span.End()
}
