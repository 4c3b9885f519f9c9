// Package telemetry is what every program says about itself: logs, traces and metrics.
package telemetry

import (
	"context"
	"io"
	"log/slog"

	"go.opentelemetry.io/otel/trace"
)

// Logger writes records of at least level to w, as JSON or, for format "text", as lines for people. Every record names the
// program, and the trace that it belongs to. Personal data is masked.
func Logger(w io.Writer, level slog.Level, format, program string) *slog.Logger {
	options := &slog.HandlerOptions{Level: level, ReplaceAttr: mask}
	var handler slog.Handler = slog.NewJSONHandler(w, options)
	if format == "text" {
		handler = slog.NewTextHandler(w, options)
	}
	return slog.New(traced{handler}).With("context", program)
}

// traced adds to a record the trace of its ctx, and what that is about (With).
type traced struct{ slog.Handler }

func (t traced) Handle(ctx context.Context, record slog.Record) error {
	span, about := trace.SpanContextFromContext(ctx), attrsOf(ctx)
	if !span.IsValid() && len(about) == 0 {
		return t.Handler.Handle(ctx, record)
	}
	record = record.Clone()
	record.AddAttrs(about...)
	if span.IsValid() {
		record.AddAttrs(slog.String("trace", span.TraceID().String()))
	}
	return t.Handler.Handle(ctx, record)
}

func (t traced) WithAttrs(attrs []slog.Attr) slog.Handler { return traced{t.Handler.WithAttrs(attrs)} }

func (t traced) WithGroup(name string) slog.Handler { return traced{t.Handler.WithGroup(name)} }
