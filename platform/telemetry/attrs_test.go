package telemetry_test

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"

	"quadrille.dev/platform/telemetry"
)

func TestRecordsSayWhatTheyAreAbout(t *testing.T) {
	var log bytes.Buffer
	logger := telemetry.Logger(&log, slog.LevelInfo, "text", "ordering").With("component", "inbox")
	ctx := telemetry.With(context.Background(), slog.String("fact", "inventory.stock.reserved"), slog.String("correlation", "o-1"))
	logger.InfoContext(telemetry.With(ctx, slog.String("order", "Q-1")), "handled")
	logger.InfoContext(ctx, "handled as well")
	want := "fact=inventory.stock.reserved correlation=o-1 order=Q-1\n"
	lines := strings.SplitAfter(log.String(), "\n")
	if !strings.HasSuffix(lines[0], want) || strings.Contains(lines[1], "order=") || !strings.Contains(lines[1], "correlation=o-1") {
		t.Errorf("got %s", log.String())
	}
}

func TestOneVariableTurnsEverythingOff(t *testing.T) {
	for value, off := range map[string]bool{"true": true, "1": true, "false": false, "": false, "maybe": false} {
		t.Setenv("OTEL_SDK_DISABLED", value)
		if telemetry.Off() != off {
			t.Errorf("%q turns off: %t", value, !off)
		}
	}
}
