package telemetry_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/trace"

	"quadrille.dev/platform/telemetry"
)

func TestLogNamesProgramAndTrace(t *testing.T) {
	var out bytes.Buffer
	log := telemetry.Logger(&out, slog.LevelInfo, "json", "ordering")
	id := trace.TraceID{1, 2, 3}
	ctx := trace.ContextWithSpanContext(context.Background(), trace.NewSpanContext(trace.SpanContextConfig{
		TraceID: id, SpanID: trace.SpanID{1},
	}))

	log.With("order", 7).InfoContext(ctx, "placed")

	var record map[string]any
	if err := json.Unmarshal(out.Bytes(), &record); err != nil {
		t.Fatal(err)
	}
	if record["context"] != "ordering" || record["trace"] != id.String() || record["order"] != 7.0 {
		t.Errorf("logged %s", out.String())
	}
}

func TestLogLevelAndText(t *testing.T) {
	var out bytes.Buffer
	log := telemetry.Logger(&out, slog.LevelWarn, "text", "ordering")

	log.Info("whispered")
	log.Warn("said")

	if got := out.String(); !strings.Contains(got, "msg=said") || strings.Contains(got, "whispered") || strings.Contains(got, "trace=") {
		t.Errorf("logged %q", got)
	}
}
