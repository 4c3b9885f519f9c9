package levels_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"quadrille.dev/services/inventory/internal/levels"
)

// shelf is what a Watch reads.
type shelf struct {
	available map[string]int64
	err       error
	told      []levels.Level
}

func (s *shelf) read(_ context.Context, skus []string) (found []levels.Level, err error) {
	for _, sku := range skus {
		found = append(found, levels.Level{SKU: sku, Available: s.available[sku]})
	}
	return found, s.err
}

func (s *shelf) tell(_ context.Context, level levels.Level) { s.told = append(s.told, level) }

func TestWatchTellsOfChanges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		s := &shelf{available: map[string]int64{"CUP": 5, "JUG": 7}}
		watch := levels.New(s.read, s.tell, slog.New(slog.DiscardHandler))

		watch.Changed("CUP")
		watch.Changed("JUG", "CUP")
		done := make(chan error)
		go func() { done <- watch.Run(ctx) }()
		expect := func(what string, want ...levels.Level) {
			t.Helper()
			synctest.Wait()
			if diff := cmp.Diff(want, s.told); diff != "" {
				t.Errorf("%s (-want +got):\n%s", what, diff)
			}
			s.told = nil
		}

		expect("several changes are one signal", levels.Level{SKU: "CUP", Available: 5}, levels.Level{SKU: "JUG", Available: 7})
		s.err = errors.New("no database")
		watch.Changed("CUP")
		expect("what cannot be read is lost")
		s.err, s.available["CUP"] = nil, 4
		watch.Changed("CUP")
		expect("the next change is told", levels.Level{SKU: "CUP", Available: 4})

		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}
