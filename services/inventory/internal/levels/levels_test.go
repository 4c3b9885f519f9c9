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
	levels []levels.Level
	err    error
	told   []levels.Signal
}

func (s *shelf) read(context.Context, []string) ([]levels.Level, error) { return s.levels, s.err }
func (s *shelf) tell(_ context.Context, signal levels.Signal)           { s.told = append(s.told, signal) }

func TestWatchTellsOfWhatIsCommitted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		s := &shelf{}
		watch := levels.New(s.read, s.tell, slog.New(slog.DiscardHandler))
		done := make(chan error)
		go func() { done <- watch.Run(ctx) }()
		step := func(what string, want ...levels.Signal) {
			t.Helper()
			s.told = nil
			watch.Wake()
			synctest.Wait()
			if diff := cmp.Diff(want, s.told); diff != "" {
				t.Errorf("%s (-want +got):\n%s", what, diff)
			}
		}

		step("nothing changed")
		watch.Changed("CUP", 2)
		s.levels = []levels.Level{{SKU: "CUP", Available: 5, Changes: 1}}
		step("the change is not committed")
		s.err = errors.New("no database")
		step("the level cannot be read")
		s.err, s.levels = nil, []levels.Level{{SKU: "CUP", Available: 4, Changes: 2}}
		step("the change is committed", levels.Signal{SKU: "CUP", Available: 4})
		step("it was told")
		watch.Changed("CUP", 3)
		watch.Changed("CUP", 4)
		s.levels = []levels.Level{{SKU: "CUP", Available: 1, Changes: 5}}
		step("several changes are one signal", levels.Signal{SKU: "CUP", Available: 1})

		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}
