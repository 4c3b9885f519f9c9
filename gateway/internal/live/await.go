package live

import (
	"context"
	"sync"
	"time"

	"quadrille.dev/gateway/internal/graph/model"
)

// waiting are those who wait for a saga, by saga.
type waiting struct {
	mu    sync.Mutex
	wakes map[string]map[chan struct{}]struct{}
}

// join answers a channel that tells of each signal about a saga, until leave is called.
func (w *waiting) join(saga string) (wake chan struct{}, leave func()) {
	wake = make(chan struct{}, 1)
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.wakes[saga] == nil {
		w.wakes[saga] = map[chan struct{}]struct{}{}
	}
	w.wakes[saga][wake] = struct{}{}
	return wake, func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		if delete(w.wakes[saga], wake); len(w.wakes[saga]) == 0 {
			delete(w.wakes, saga)
		}
	}
}

func (w *waiting) heard(saga string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for wake := range w.wakes[saga] {
		poke(wake)
	}
}

// Waiters is how many wait for a saga.
func (h *Hub) Waiters(saga string) int {
	h.waiting.mu.Lock()
	defer h.waiting.mu.Unlock()
	return len(h.waiting.wakes[saga])
}

// Await reads a saga whenever a signal tells that it has changed, until enough says so, the time is over, or the gateway stops, and
// answers what it has read last.
func (h *Hub) Await(
	ctx context.Context, saga string, most time.Duration, read func(context.Context) (*model.Saga, error), enough func(*model.Saga) bool,
) (*model.Saga, error) {
	wake, leave := h.waiting.join(saga)
	defer leave()
	over := time.NewTimer(most)
	defer over.Stop()
	lost := time.NewTicker(sweepEvery) // in case that a signal was
	defer lost.Stop()
	for {
		found, err := read(ctx)
		if err != nil || found != nil && enough(found) {
			return found, err
		}
		select {
		case <-wake:
		case <-lost.C:
		case <-over.C:
			return found, nil
		case <-h.stopped:
			return found, nil
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}
