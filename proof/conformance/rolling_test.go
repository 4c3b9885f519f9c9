package conformance

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"quadrille.dev/platform/rabbit"
	"quadrille.dev/proof/system"
)

// aRollingRestartUnderLoad restarts every program in good order while customers place orders: whoever asks again while something does
// not answer gets an order, once, and each is fulfilled.
func aRollingRestartUnderLoad(t *testing.T) {
	ada, sku := quadrille.As(t, system.Ada), sell(t, 100_000)
	ctx, stop := context.WithCancel(t.Context())
	var buying sync.WaitGroup
	var mu sync.Mutex
	var placed []string
	for range 3 {
		buying.Go(func() {
			for ctx.Err() == nil {
				id, err := system.Place(ctx, ada, system.Wish{SKU: sku})
				mu.Lock()
				if err == nil {
					placed = append(placed, id)
				} else if ctx.Err() == nil {
					t.Error(err)
				}
				mu.Unlock()
				select {
				case <-ctx.Done():
				case <-time.After(200 * time.Millisecond):
				}
			}
		})
	}
	for _, program := range append(slices.Clone(rabbit.Contexts), "gateway") {
		if err := quadrille.Restart(ctx, program); err != nil {
			t.Errorf("restart %s: %v", program, err)
		}
	}
	stop()
	buying.Wait()
	if len(placed) < len(rabbit.Contexts) {
		t.Errorf("only %d orders were placed", len(placed))
	}
	statuses := map[string]int{}
	for _, id := range placed {
		statuses[system.Rest(t, ada, id, patience).Status]++
	}
	if statuses["FULFILLED"] != len(placed) {
		t.Errorf("%d orders ended as %v", len(placed), statuses)
	}
}
