package rabbit_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"quadrille.dev/platform/rabbit"
)

func TestBackoffDoublesUpToItsLimit(t *testing.T) {
	backoff := rabbit.Backoff{First: time.Second, Most: time.Minute}
	for failures, want := range map[int]time.Duration{
		0: time.Second, 1: time.Second, 2: 2 * time.Second, 6: 32 * time.Second, 7: time.Minute, 40: time.Minute, 1000: time.Minute,
	} {
		for range 100 {
			if got := backoff.Delay(failures); got > want || got < want-want/4 {
				t.Fatalf("after %d failures %s, want at most %s less a quarter", failures, got, want)
			}
		}
	}
}

func TestBackoffWaitsForItsDelayOrTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		backoff := rabbit.Backoff{First: 4 * time.Second, Most: time.Minute}
		begun := time.Now()
		if err := backoff.Wait(t.Context(), 1); err != nil || time.Since(begun) < 3*time.Second {
			t.Errorf("waited %s, %v", time.Since(begun), err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		begun = time.Now()
		if err := backoff.Wait(ctx, 1); err == nil || time.Since(begun) != time.Second {
			t.Errorf("waited %s, %v", time.Since(begun), err)
		}
	})
}

func TestRepeatCountsFailuresAnewAfterAnAttemptThatWorked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		backoff := rabbit.Backoff{First: time.Second, Most: time.Minute}
		worked := []bool{false, false, true, false}
		var counts []int
		backoff.Repeat(ctx, func() (bool, error) {
			if len(counts) == len(worked) {
				cancel()
				return false, context.Canceled
			}
			return worked[len(counts)], errors.New("failed")
		}, func(failures int, _ error) { counts = append(counts, failures) })
		if want := []int{1, 2, 1, 2}; !slices.Equal(counts, want) {
			t.Errorf("counted %v, want %v", counts, want)
		}
	})
}
