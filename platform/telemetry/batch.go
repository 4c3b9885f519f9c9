package telemetry

import (
	"context"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/trace"
)

// Batch begins the span of what is done at once for several causes, each of which may have a trace of its own: in the first of their traces
// that is kept, with links to the others that are, as OpenTelemetry's conventions for messaging have batches. The context is ctx within
// that span, and ctx itself while nobody keeps a trace of any of them; of answers the context of a cause. The caller ends the span.
func Batch[T any](ctx context.Context, name string, causes []T, of func(T) context.Context) (context.Context, func()) {
	var kept []trace.Link
	for _, cause := range causes {
		if link := trace.LinkFromContext(of(cause)); link.SpanContext.IsSampled() {
			kept = append(kept, link)
		}
	}
	if len(kept) == 0 {
		return ctx, func() {}
	}
	ctx, span := otel.Tracer("quadrille.dev/platform/telemetry").Start(
		trace.ContextWithSpanContext(ctx, kept[0].SpanContext), name, trace.WithLinks(kept[1:]...))
	return ctx, func() { span.End() }
}
