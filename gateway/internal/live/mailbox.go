package live

import (
	"context"
	"sync"

	"quadrille.dev/gateway/internal/fault"
)

// mailbox keeps what a subscriber has not taken yet, up to a bound: one that is too slow is cut off rather than waited for.
type mailbox[T any] struct {
	most int
	// wake tells that something is in it, or that it has overflowed.
	wake chan struct{}

	mu       sync.Mutex
	waiting  []T
	overflow bool
}

func newMailbox[T any](most int) *mailbox[T] {
	return &mailbox[T]{most: most, wake: make(chan struct{}, 1)}
}

// put does not wait.
func (m *mailbox[T]) put(one T) {
	m.mu.Lock()
	if len(m.waiting) < m.most {
		m.waiting = append(m.waiting, one)
	} else {
		m.overflow = true
	}
	m.mu.Unlock()
	poke(m.wake)
}

// take answers what has come, waiting until something has.
func (m *mailbox[T]) take(ctx context.Context) ([]T, error) {
	for {
		m.mu.Lock()
		taken, overflow := m.waiting, m.overflow
		m.waiting = nil
		m.mu.Unlock()
		switch {
		case overflow:
			return nil, fault.TooSlow()
		case len(taken) > 0:
			return taken, nil
		}
		select {
		case <-m.wake:
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}

// poke wakes whoever waits, or will.
func poke(wake chan struct{}) {
	select {
	case wake <- struct{}{}:
	default:
	}
}
