package scalar

import (
	"strings"
	"testing"
	"time"
)

func TestDateTime(t *testing.T) {
	for given, want := range map[string]string{
		"2026-03-01T12:00:00Z":            `"2026-03-01T12:00:00Z"`,
		"2026-03-01T12:00:00+02:00":       `"2026-03-01T10:00:00Z"`,
		"2026-03-01T12:00:00.123456789Z":  `"2026-03-01T12:00:00.123456Z"`,
		"2026-03-01T12:00:00.5000000001Z": `"2026-03-01T12:00:00.5Z"`,
	} {
		moment, err := UnmarshalDateTime(given)
		if err != nil {
			t.Errorf("%s: %v", given, err)
		}
		var written strings.Builder
		MarshalDateTime(moment).MarshalGQL(&written)
		if written.String() != want {
			t.Errorf("%s is written %s, want %s", given, &written, want)
		}
	}
	for _, given := range []any{"yesterday", "2026-03-01", time.Now().Unix(), nil} {
		if moment, err := UnmarshalDateTime(given); err == nil {
			t.Errorf("%v is read as %v", given, moment)
		}
	}
}

func TestTextIsNothingButText(t *testing.T) {
	for _, given := range []any{4.25, 4, true, nil, []any{"4.25"}} {
		if text, err := UnmarshalText(given); err == nil {
			t.Errorf("%v is read as %q", given, text)
		}
	}
	if text, err := UnmarshalText("four"); err != nil || text != "four" {
		t.Errorf("four is read as %q, %v", text, err)
	}
}
