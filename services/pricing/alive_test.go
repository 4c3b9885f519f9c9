package pricing

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"
)

func TestAliveEveryMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		start := time.Now()
		var heard []string
		done := make(chan error)
		go func() {
			done <- alive(func(_ context.Context, key string, message any) {
				heard = append(heard, fmt.Sprint(key, " ", message.(sign).At.Sub(start)))
			})(ctx)
		}()
		time.Sleep(2*time.Minute + time.Second)
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
		if want := "[pricing.alive 0s pricing.alive 1m0s pricing.alive 2m0s]"; fmt.Sprint(heard) != want {
			t.Errorf("heard %v, want %s", heard, want)
		}
	})
}
