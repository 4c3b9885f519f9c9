package inbox

import (
	"context"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"quadrille.dev/platform/event"
	"quadrille.dev/platform/telemetry"
)

// about is the context of what has to do with a fact: in the trace that it was published in, and with its names in every record.
func about(ctx context.Context, fact event.Envelope) context.Context {
	ctx = propagation.TraceContext{}.Extract(ctx, propagation.MapCarrier{"traceparent": fact.TraceParent})
	return telemetry.With(ctx, slog.Any("", (*names)(&fact)))
}

// names are what records say of a fact. They are put into words when there is a record: of most facts there is none.
type names event.Envelope

func (n *names) LogValue() slog.Value {
	fact := (*event.Envelope)(n)
	return slog.GroupValue(slog.String("fact", fact.Name()), slog.String("id", fact.ID.String()),
		slog.String("subject", fact.Subject), slog.String("correlation", fact.CorrelationID))
}

var ofConsumer = trace.WithSpanKind(trace.SpanKindConsumer)

// startSpan begins an attempt at a fact.
func (c *Consumer[S]) startSpan(ctx context.Context, fact event.Envelope) (context.Context, func(error)) {
	begun := time.Now()
	ctx, span := otel.Tracer("quadrille.dev/platform/inbox").Start(ctx, "process "+fact.Name(), ofConsumer)
	if span.IsRecording() {
		span.SetAttributes(
			attribute.String("messaging.system", "rabbitmq"),
			attribute.String("messaging.operation.type", "process"),
			attribute.String("messaging.consumer.group.name", c.name),
			attribute.String("messaging.message.id", fact.ID.String()),
			attribute.String("messaging.message.conversation_id", fact.CorrelationID),
		)
	}
	return ctx, func(err error) {
		if err != nil {
			span.SetStatus(codes.Error, err.Error())
		}
		span.End()
		c.took(fact, time.Since(begun), err)
	}
}

// attempts measures attempts at facts, by name: those that the context has routes for.
func attempts() *prometheus.HistogramVec {
	return prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "quadrille_inbox_handled_seconds",
		Help: "How long attempts at facts took, in their transactions.",
	}, []string{"fact", "outcome"})
}

func (c *Consumer[S]) took(fact event.Envelope, took time.Duration, err error) {
	name, outcome := "others", "handled"
	if c.known[fact.Name()] {
		name = fact.Name()
	}
	if err != nil {
		outcome = "failed"
	}
	c.attempts.WithLabelValues(name, outcome).Observe(took.Seconds())
}
