package resilience

import (
	"context"
	"time"

	"github.com/failsafe-go/failsafe-go/circuitbreaker"
)

const (
	// lookEvery is how often it is looked whether a neighbour is back whose breaker is open.
	lookEvery = 500 * time.Millisecond
	// lookTimeout is how long it may take to say so.
	lookTimeout = time.Second
)

// lookOut looks for the neighbour while its breaker is open. Once it was seen to be away and then to be back, as when its process is
// started anew, there is nothing to wait for: the breaker lets calls try at once. A neighbour that always says that it is ready, and
// yet fails at what it is asked, was never away, and gets the whole pause.
func (n *Neighbour) lookOut(ctx context.Context) {
	for away := false; ctx.Err() == nil; {
		ready := n.look(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case ready && away && n.breaker.IsOpen():
			n.breaker.HalfOpen()
			return
		}
		away = away || !ready
		select {
		case <-ctx.Done():
			return
		case <-time.After(lookEvery):
		}
	}
}

func (n *Neighbour) look(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, lookTimeout)
	defer cancel()
	n.mu.Lock()
	address := n.address
	n.mu.Unlock()
	return n.config.Ready(ctx, address)
}

// follow looks out for the neighbour for as long as its breaker is open, and at most until calls may try again anyway.
func (n *Neighbour) follow(state circuitbreaker.State) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.stopLooking != nil {
		n.stopLooking()
		n.stopLooking = nil
	}
	if state != circuitbreaker.OpenState || n.config.Ready == nil || n.closed {
		return
	}
	ctx, stop := context.WithTimeout(context.Background(), openFor)
	n.stopLooking = stop
	go func() {
		defer stop()
		n.lookOut(ctx)
	}()
}

// Close has the neighbour looked for no longer: nobody is going to call it.
func (n *Neighbour) Close() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.closed = true
	if n.stopLooking != nil {
		n.stopLooking()
	}
}
