package rabbit

import (
	"context"
	"math/rand/v2"
	"time"
)

// Backoff is a delay that doubles from First up to Most, less up to a quarter at random so that those who failed together
// do not come back together.
type Backoff struct{ First, Most time.Duration }

// Delay is how long to wait after a number of failures, from 1.
func (b Backoff) Delay(failures int) time.Duration {
	delay := b.Most
	if doublings := max(failures-1, 0); doublings < 24 && b.First<<doublings < b.Most {
		delay = b.First << doublings
	}
	return delay - rand.N(delay/4+1)
}

// Repeat calls attempt until ctx ends. After an error it calls failed and waits; the failures count anew once an attempt has
// worked for a while.
func (b Backoff) Repeat(
	ctx context.Context, attempt func() (worked bool, err error), failed func(failures int, err error),
) {
	for failures := 1; ctx.Err() == nil; failures++ {
		worked, err := attempt()
		if worked {
			failures = 1
		}
		if err != nil && ctx.Err() == nil {
			failed(failures, err)
			_ = b.Wait(ctx, failures)
		}
	}
}

// Wait waits for the delay after a number of failures, and answers ctx's error if that ends first.
func (b Backoff) Wait(ctx context.Context, failures int) error { return Pause(ctx, b.Delay(failures)) }

// Pause waits for a delay, and answers ctx's error if that ends first.
func Pause(ctx context.Context, delay time.Duration) error {
	timer := time.NewTimer(delay)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
