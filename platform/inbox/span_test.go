package inbox

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"quadrille.dev/platform/telemetry"
)

func TestEveryRecordNamesTheFactThatItIsAbout(t *testing.T) {
	fact := factOf("1", 1, map[string]string{})
	ctx := about(t.Context(), fact)
	for format, want := range map[string]string{
		"text": fmt.Sprintf("fact=ordering.order.placed id=%s subject=1 correlation=1\n", fact.ID),
		"json": fmt.Sprintf(`"fact":"ordering.order.placed","id":"%s","subject":"1","correlation":"1"}`+"\n", fact.ID),
	} {
		var log bytes.Buffer
		telemetry.Logger(&log, slog.LevelInfo, format, "inventory").InfoContext(ctx, "handled")
		if !strings.HasSuffix(log.String(), want) {
			t.Errorf("got %swant %s", log.String(), want)
		}
	}
}

func BenchmarkAbout(b *testing.B) {
	fact := factOf("1", 1, map[string]string{})
	b.ReportAllocs()
	for b.Loop() {
		about(b.Context(), fact)
	}
}
