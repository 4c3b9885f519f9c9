package inventory

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"quadrille.dev/services/inventory/internal/postgres"
)

// shelf is what levels are read from.
type shelf struct {
	available map[string]int64
	err       error
	told      []stockLevel
}

func (s *shelf) read(_ context.Context, skus []string) (found []postgres.Level, err error) {
	for _, sku := range skus {
		found = append(found, postgres.Level{SKU: sku, Available: s.available[sku]})
	}
	return found, s.err
}

func (s *shelf) tell(_ context.Context, level stockLevel) { s.told = append(s.told, level) }

func TestChangedLevelsAreTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		s := &shelf{available: map[string]int64{"CUP": 5, "JUG": 7}}
		watch := watchLevels(s.read, s.tell, slog.New(slog.DiscardHandler))

		watch.note("CUP")
		watch.note("JUG", "CUP")
		done := make(chan error)
		go func() { done <- watch.run(ctx) }()
		expect := func(what string, want ...stockLevel) {
			t.Helper()
			synctest.Wait()
			if diff := cmp.Diff(want, s.told); diff != "" {
				t.Errorf("%s (-want +got):\n%s", what, diff)
			}
			s.told = nil
		}

		expect("several changes are one signal", stockLevel{SKU: "CUP", Available: 5}, stockLevel{SKU: "JUG", Available: 7})
		s.err = errors.New("no database")
		watch.note("CUP")
		expect("what cannot be read is lost")
		s.err, s.available["CUP"] = nil, 4
		watch.note("CUP")
		expect("the next change is told", stockLevel{SKU: "CUP", Available: 4})

		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}
