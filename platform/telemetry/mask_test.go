package telemetry_test

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"quadrille.dev/platform/telemetry"
)

func TestPersonalDataIsMasked(t *testing.T) {
	for _, format := range []string{"json", "text"} {
		var log bytes.Buffer
		logger := telemetry.Logger(&log, slog.LevelInfo, format, "ordering")
		refused := fmt.Errorf("charge: %w", errors.New("no such card pm_card_visa"))
		logger.With("email", "ada@quadrille.test").Info("hello ada@quadrille.test", "street", "1 Row", "token", "tok_1", "error", refused,
			slog.Group("customer", "phone", "+44", "id", "c-1"), "authorization", "Bearer eyJhbGciOi.eyJzdWIi.c2ln")
		for _, told := range []string{"ada@", "1 Row", "tok_1", "pm_card", "+44", "eyJ"} {
			if strings.Contains(log.String(), told) {
				t.Errorf("%q is in %s", told, log.String())
			}
		}
		for _, kept := range []string{"hello ***", "charge: no such card ***", "c-1", "ordering"} {
			if !strings.Contains(log.String(), kept) {
				t.Errorf("%q is not in %s", kept, log.String())
			}
		}
	}
}

func TestWhatIsNotPersonalIsLoggedAsItIs(t *testing.T) {
	var log bytes.Buffer
	telemetry.Logger(&log, slog.LevelInfo, "text", "ordering").
		Info("serving", "address", "127.0.0.1:8080", "id", "01996f1e-0b7d-7a33-b1c9-5e4f2a6d8c11", "attempts", 3)
	if want := `msg=serving context=ordering address=127.0.0.1:8080 id=01996f1e-0b7d-7a33-b1c9-5e4f2a6d8c11 attempts=3`; !strings.Contains(log.String(), want) {
		t.Errorf("got %s", log.String())
	}
}
