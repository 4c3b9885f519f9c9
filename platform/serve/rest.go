package serve

import (
	"context"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

const (
	// restEvery is how often it is looked whether the program rests.
	restEvery = 5 * time.Second
	// restBelow is how many bytes a program that rests may take in that time: for looking whether there is work, and for who asks whether
	// it is well.
	restBelow = 1 << 20
	// restAfter is how many bytes must have been taken since the last time for it to be worth while.
	restAfter = 4 << 20
)

// Rest gives memory back to the kernel when the program has come to rest, until ctx ends. By itself Go's runtime does so too, after some
// minutes.
func Rest(ctx context.Context) error {
	taken := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
	return rest(ctx, func() uint64 {
		metrics.Read(taken)
		return taken[0].Value.Uint64()
	}, debug.FreeOSMemory)
}

// rest calls free when the bytes that were taken so far have become more, and then hardly become more.
func rest(ctx context.Context, taken func() uint64, free func()) error {
	tick := time.NewTicker(restEvery)
	defer tick.Stop()
	freed, last := uint64(0), taken()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		now := taken()
		if now-last < restBelow && now-freed >= restAfter {
			free()
			freed = now
		}
		last = now
	}
}
