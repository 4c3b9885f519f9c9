package local

import (
	"bytes"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestPeopleSeeWarningsOnceInAWhile(t *testing.T) {
	var file bytes.Buffer
	var seen []string
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	filter := &logFilter{
		program: "ordering", file: &file, now: func() time.Time { return now },
		warn: func(line string) { seen = append(seen, line) },
	}
	write := func(text string) {
		t.Helper()
		if _, err := filter.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	write(`{"time":"…","level":"INFO","msg":"ready"}` + "\n")
	write(`{"time":"…","level":"WARN","msg":"pricing does not answer",`)
	write(`"failures":5}` + "\n" + `{"level":"WARN","msg":"pricing does not answer","failures":6}` + "\n")
	write("panic: no\ngoroutine 1:\n")
	now = now.Add(quiet)
	write(`{"level":"WARN","msg":"pricing does not answer","failures":7}` + "\n")
	want := []string{
		"ordering: warn: pricing does not answer failures=5",
		"ordering: panic: no",
		"ordering: warn: pricing does not answer failures=7",
	}
	if diff := cmp.Diff(want, seen); diff != "" {
		t.Error(diff)
	}
	if lines := bytes.Count(file.Bytes(), []byte("\n")); lines != 6 {
		t.Errorf("%d lines in the file", lines)
	}
}
