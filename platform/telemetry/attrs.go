package telemetry

import (
	"context"
	"log/slog"
	"slices"
)

type attrsKey struct{}

// With has every record that is logged under the returned context say what it is about.
func With(ctx context.Context, attrs ...slog.Attr) context.Context {
	return context.WithValue(ctx, attrsKey{}, slices.Concat(attrsOf(ctx), attrs))
}

func attrsOf(ctx context.Context) []slog.Attr {
	attrs, _ := ctx.Value(attrsKey{}).([]slog.Attr)
	return attrs
}
