package together

import (
	"context"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// asking are those of a meeting; each asks for its name, after its delay, or leaves if that is negative.
func asking(t *testing.T, delays map[string]time.Duration) (calls [][]string) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		var all sync.WaitGroup
		seats := Meeting(len(delays))
		for name, delay := range delays {
			seat := seats[0]
			seats = seats[1:]
			all.Go(func() {
				defer seat.Leave()
				if delay < 0 {
					return
				}
				time.Sleep(delay)
				err := Ask(seat.With(t.Context()), name, func(parts []string) {
					mu.Lock()
					defer mu.Unlock()
					calls = append(calls, slices.Sorted(slices.Values(parts)))
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
	})
	return calls
}

func TestThoseWhoAskAtTheSameTimeAskOnce(t *testing.T) {
	for name, test := range map[string]struct {
		delays map[string]time.Duration
		want   [][]string
	}{
		"both":            {map[string]time.Duration{"a": 0, "b": time.Millisecond}, [][]string{{"a", "b"}}},
		"one leaves":      {map[string]time.Duration{"a": 0, "b": -1}, [][]string{{"a"}}},
		"one is too late": {map[string]time.Duration{"a": 0, "b": time.Second}, [][]string{{"a"}, {"b"}}},
		"all leave":       {map[string]time.Duration{"a": -1, "b": -1}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			calls := asking(t, test.delays)
			if len(calls) != len(test.want) {
				t.Fatalf("asked %v, want %v", calls, test.want)
			}
			for i := range calls {
				if !slices.Equal(calls[i], test.want[i]) {
					t.Errorf("asked %v, want %v", calls, test.want)
				}
			}
		})
	}
}

func TestWithoutAMeetingOneAsksAlone(t *testing.T) {
	asked := 0
	if err := Ask(t.Context(), "a", func(parts []string) { asked += len(parts) }); err != nil || asked != 1 {
		t.Errorf("asked for %d, %v", asked, err)
	}
	var none *Seat
	none.Leave()
	Leave(none.With(context.Background()))
}

func TestWhoAsksAgainAsksAlone(t *testing.T) {
	seats := Meeting(2)
	seats[1].Leave()
	ctx := seats[0].With(t.Context())
	for range 2 {
		asked := 0
		if err := Ask(ctx, "a", func(parts []string) { asked += len(parts) }); err != nil || asked != 1 {
			t.Errorf("asked for %d, %v", asked, err)
		}
	}
}
