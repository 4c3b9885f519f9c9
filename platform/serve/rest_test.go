package serve

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestMemoryIsGivenBackOnceWhenWorkIsDone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		// What a program takes in each period of restEvery.
		periods := []uint64{20 << 20, 100 << 20, 1 << 10, 1 << 10, 2 << 20, 1 << 10, 3 << 20, 1 << 10}
		ctx, cancel := context.WithTimeout(t.Context(), restEvery*time.Duration(len(periods))+time.Second)
		defer cancel()
		begun := time.Now()
		taken := func() (sum uint64) {
			for i, bytes := range periods {
				if time.Since(begun) >= time.Duration(i+1)*restEvery {
					sum += bytes
				}
			}
			return sum
		}
		var freed []time.Duration
		if err := rest(ctx, taken, func() { freed = append(freed, time.Since(begun)) }); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]time.Duration{3 * restEvery, 8 * restEvery}, freed); diff != "" {
			t.Errorf("given back at (-want +got):\n%s", diff)
		}
	})
}
