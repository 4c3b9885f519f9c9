// Package worker does what rows in the database say is due: a few at a time, at once when told, and otherwise soon.
package worker

import (
	"context"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"
)

// poll is how long something due can wait when nobody tells the worker, as after a restart.
const poll = time.Second

// Worker works on jobs, a number of them at once.
type Worker[J any] struct {
	// Slots is how many.
	Slots int
	// Claim takes jobs that are due, at most limit, so that no other worker takes them for a while.
	Claim func(ctx context.Context, limit int) ([]J, error)
	// Do works on one, and bounds how long that takes. It goes on when the worker is told to end.
	Do  func(ctx context.Context, job J)
	Log *slog.Logger

	once sync.Once
	wake chan struct{}
}

func (w *Worker[J]) init() { w.once.Do(func() { w.wake = make(chan struct{}, 1) }) }

// Wake tells that something may be due. It never blocks.
func (w *Worker[J]) Wake() {
	w.init()
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// Run works until ctx ends, and then finishes what is begun.
func (w *Worker[J]) Run(ctx context.Context) error {
	w.init()
	var begun sync.WaitGroup
	defer begun.Wait()
	freed := make(chan struct{}, w.Slots)
	free := w.Slots
	for ctx.Err() == nil {
		jobs := w.claim(ctx, free)
		for _, job := range jobs {
			begun.Go(func() {
				defer func() { freed <- struct{}{} }()
				w.do(context.WithoutCancel(ctx), job)
			})
		}
		more := len(jobs) == free
		free -= len(jobs)
		free += w.pause(ctx, freed, more)
	}
	return nil
}

// do does one job. A panic costs that job its attempt and nobody else anything: it falls due again when its lease ends.
func (w *Worker[J]) do(ctx context.Context, job J) {
	defer func() {
		if r := recover(); r != nil {
			w.Log.Error("work panicked", "panic", r, "stack", string(debug.Stack()))
		}
	}()
	w.Do(ctx, job)
}

func (w *Worker[J]) claim(ctx context.Context, free int) []J {
	if free == 0 {
		return nil
	}
	jobs, err := w.Claim(ctx, free)
	if err != nil && ctx.Err() == nil {
		w.Log.Warn("work cannot be claimed", "error", err)
	}
	return jobs
}

// pause waits until there is reason to claim, and answers how many slots became free. When more was due than there were slots, a
// free slot is such a reason.
func (w *Worker[J]) pause(ctx context.Context, freed <-chan struct{}, more bool) int {
	timer := time.NewTimer(poll)
	defer timer.Stop()
	count := 0
	for {
		select {
		case <-ctx.Done():
			return count
		case <-timer.C:
			return count
		case <-w.wake:
			return count
		case <-freed:
			count++
			if more {
				return count
			}
		}
	}
}
