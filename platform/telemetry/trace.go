package telemetry

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"strconv"
	"sync"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	"go.opentelemetry.io/otel/sdk/trace"
)

// Off tells whether nothing is to be traced or measured: OTEL_SDK_DISABLED=true.
func Off() bool {
	off, err := strconv.ParseBool(os.Getenv("OTEL_SDK_DISABLED"))
	return err == nil && off
}

// Exports tells whether spans are sent to somebody. If not there are ids, and nothing that belongs to them is looked at.
func Exports() bool { return setting("ENDPOINT") != "" }

var install sync.Once

// Trace gives the process spans, in the trace of whoever caused what it does. They are sent to where OpenTelemetry's variable
// OTEL_EXPORTER_OTLP_ENDPOINT or OTEL_EXPORTER_OTLP_TRACES_ENDPOINT says, by OTLP over HTTP, as many as OTEL_TRACES_SAMPLER says; without
// such an endpoint there are only ids, by which log lines and facts of one cause are found. The first call in a process decides. What it
// returns sends the spans that are still held back.
func Trace(ctx context.Context, program string) (flush func(context.Context) error, err error) {
	flush = func(context.Context) error { return nil }
	if Off() {
		return flush, nil
	}
	install.Do(func() {
		var provider *trace.TracerProvider
		if provider, err = newProvider(ctx, program); err != nil {
			return
		}
		otel.SetTracerProvider(provider)
		otel.SetTextMapPropagator(propagation.TraceContext{})
		flush = provider.ForceFlush
	})
	return flush, err
}

// flushTimeout bounds how long the end of a program waits for whoever collects its spans.
const flushTimeout = 3 * time.Second

// Flush calls what Trace has returned, at the end of a program.
func Flush(flush func(context.Context) error, log *slog.Logger) {
	ctx, cancel := context.WithTimeout(context.Background(), flushTimeout)
	defer cancel()
	if err := flush(ctx); err != nil {
		log.Warn("the last spans are lost", "error", err)
	}
}

func newProvider(ctx context.Context, program string) (*trace.TracerProvider, error) {
	if !Exports() {
		return trace.NewTracerProvider(trace.WithSampler(trace.NeverSample())), nil
	}
	to, err := readDestination()
	if err != nil {
		return nil, fmt.Errorf("export traces: %w", err)
	}
	exporter, err := otlptrace.New(ctx, newCollector(to))
	if err != nil {
		return nil, fmt.Errorf("export traces: %w", err)
	}
	told, err := resource.New(ctx, resource.WithFromEnv(), resource.WithAttributes(
		attribute.String("service.namespace", "quadrille"), attribute.String("service.name", program),
	))
	if err != nil {
		return nil, fmt.Errorf("export traces: %w", err)
	}
	return trace.NewTracerProvider(trace.WithResource(told), trace.WithBatcher(exporter)), nil
}
