package telemetry

import (
	"context"
	"sync"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	"go.opentelemetry.io/otel/sdk/trace"
)

var install sync.Once

// Trace gives the process spans, so that requests, facts and log lines carry trace ids from one context to the next. Spans are
// handed to processors; without any they are only propagated. The first call in a process decides. What it returns
// hands over the spans that are still held back.
func Trace(program string, processors ...trace.SpanProcessor) (flush func(context.Context) error) {
	flush = func(context.Context) error { return nil }
	install.Do(func() {
		options := []trace.TracerProviderOption{
			trace.WithResource(resource.NewSchemaless(attribute.String("service.name", program))),
		}
		for _, processor := range processors {
			options = append(options, trace.WithSpanProcessor(processor))
		}
		provider := trace.NewTracerProvider(options...)
		otel.SetTracerProvider(provider)
		otel.SetTextMapPropagator(propagation.TraceContext{})
		flush = provider.Shutdown
	})
	return flush
}
