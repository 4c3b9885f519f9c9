package telemetry_test

import (
	"context"
	"slices"
	"testing"

	"go.opentelemetry.io/otel"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"quadrille.dev/platform/telemetry"
)

// cause is what has a trace of its own, of which n is the id.
func cause(t *testing.T, n byte, flags trace.TraceFlags) context.Context {
	return trace.ContextWithRemoteSpanContext(t.Context(), trace.NewSpanContext(trace.SpanContextConfig{
		TraceID: trace.TraceID{n}, SpanID: trace.SpanID{n}, TraceFlags: flags, Remote: true,
	}))
}

func itself(ctx context.Context) context.Context { return ctx }

func TestABatchIsInTheFirstTraceThatIsKeptAndLinksToTheOthers(t *testing.T) {
	kept, before := tracetest.NewSpanRecorder(), otel.GetTracerProvider()
	otel.SetTracerProvider(sdk.NewTracerProvider(sdk.WithSpanProcessor(kept)))
	defer otel.SetTracerProvider(before)
	ctx, cancel := context.WithCancel(t.Context())

	batch, end := telemetry.Batch(ctx, "process batch", []context.Context{
		cause(t, 1, 0), cause(t, 2, trace.FlagsSampled), cause(t, 3, 0), cause(t, 4, trace.FlagsSampled),
	}, itself)
	end()
	spans := kept.Ended()
	if len(spans) != 1 || spans[0].Parent().TraceID() != (trace.TraceID{2}) {
		t.Fatalf("got %v, want one span, in the second trace", spans)
	}
	var linked []trace.TraceID
	for _, link := range spans[0].Links() {
		linked = append(linked, link.SpanContext.TraceID())
	}
	if want := []trace.TraceID{{4}}; !slices.Equal(linked, want) {
		t.Errorf("links to %v, want %v", linked, want)
	}
	if got := trace.SpanContextFromContext(batch).SpanID(); got != spans[0].SpanContext().SpanID() {
		t.Errorf("what is done within is in the span %s", got)
	}
	if cancel(); batch.Err() == nil {
		t.Error("the batch goes on when its context has ended")
	}
}

func TestABatchOfWhichNobodyKeepsATraceHasNone(t *testing.T) {
	got, end := telemetry.Batch(t.Context(), "process batch", []context.Context{cause(t, 1, 0), t.Context()}, itself)
	defer end()
	if got != t.Context() {
		t.Error("it has another context")
	}
}
