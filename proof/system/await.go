package system

import (
	"context"
	"encoding/json"
	"testing"
	"time"
)

// Await looks until it sees what it waits for, and answers that. What fails meanwhile, as while a program is away, is looked at again. The
// test fails when it takes longer than patience, and tells then what was seen last.
func Await[T any](t testing.TB, patience time.Duration, what string, look func(context.Context) (seen T, enough bool, err error)) T {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), patience)
	defer stop()
	var last T
	for {
		seen, enough, err := look(ctx)
		if err == nil {
			last = seen
		}
		if err == nil && enough {
			return seen
		}
		select {
		case <-ctx.Done():
			words, _ := json.Marshal(last)
			t.Fatalf("%s: not after %s, but %s (%v)", what, patience, words, err)
		case <-time.After(50 * time.Millisecond):
		}
	}
}
