package inventory

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"quadrille.dev/services/inventory/internal/postgres"
)

// shelf is what levels are read from.
type shelf struct {
	available map[string]int64
	err       error
	told      []stockLevels
}

func (s *shelf) read(_ context.Context, skus []string) (found []postgres.Level, err error) {
	for _, sku := range skus {
		found = append(found, postgres.Level{SKU: sku, Available: s.available[sku]})
	}
	return found, s.err
}

func (s *shelf) tell(_ context.Context, levels stockLevels) { s.told = append(s.told, levels) }

// An order may have a thousand lines: its levels are told in few signals, none of them large.
func TestManyLevelsAreToldInFewSignals(t *testing.T) {
	s := &shelf{}
	watch := watchLevels(s.read, s.tell, slog.New(slog.DiscardHandler))
	for i := range 2*mostLevels + 1 {
		watch.note(fmt.Sprintf("SKU-%04d", i))
	}
	watch.tellAll(t.Context())
	var told []string
	for _, signal := range s.told {
		told = append(told, signal.SKU)
		for _, other := range signal.Others {
			told = append(told, other.SKU)
		}
	}
	if len(s.told) != 3 || len(told) != 2*mostLevels+1 || !slices.IsSorted(told) {
		t.Errorf("%d levels are told in %d signals", len(told), len(s.told))
	}
}

func TestChangedLevelsAreTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		s := &shelf{available: map[string]int64{"CUP": 5, "JUG": 7}}
		watch := watchLevels(s.read, s.tell, slog.New(slog.DiscardHandler))

		watch.note("CUP")
		watch.note("JUG", "CUP")
		done := make(chan error)
		go func() { done <- watch.run(ctx) }()
		expect := func(what string, want ...string) {
			t.Helper()
			time.Sleep(gathering)
			synctest.Wait()
			var told []string
			for _, signal := range s.told {
				text, err := json.Marshal(signal)
				if err != nil {
					t.Fatal(err)
				}
				told = append(told, string(text))
			}
			if diff := cmp.Diff(want, told); diff != "" {
				t.Errorf("%s (-want +got):\n%s", what, diff)
			}
			s.told = nil
		}

		expect("several changes are one signal", `{"sku":"CUP","available":5,"others":[{"sku":"JUG","available":7}]}`)
		s.err = errors.New("no database")
		watch.note("CUP")
		expect("what cannot be read is lost")
		s.err, s.available["CUP"] = nil, 4
		watch.note("CUP")
		expect("the next change is told", `{"sku":"CUP","available":4}`)

		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}
