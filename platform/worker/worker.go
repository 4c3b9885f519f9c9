// Package worker does what rows in the database say is due: a few at a time, at once when told, and otherwise soon.
package worker

import (
	"context"
	"log/slog"
	"runtime/debug"
	"sync"
	"sync/atomic"
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
	// given are jobs that wait for a slot.
	given chan J
	// idle is how many slots are free; none before Run and after.
	idle atomic.Int64
}

func (w *Worker[J]) init() {
	w.once.Do(func() { w.wake, w.given = make(chan struct{}, 1), make(chan J, 4*w.Slots) })
}

// Wake tells that something may be due. It never blocks.
func (w *Worker[J]) Wake() {
	w.init()
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// Idle is how many jobs would be begun at once if they were given now.
func (w *Worker[J]) Idle() int {
	w.init()
	return int(w.idle.Load()) - len(w.given)
}

// Give has a job done that is taken already, so that nobody has to claim it. It never blocks: should there be far more than the worker was
// idle for, the job is left until its lease ends, as if it had been begun in vain.
func (w *Worker[J]) Give(job J) {
	w.init()
	select {
	case w.given <- job:
	default:
	}
}

// Run works until ctx ends, and then finishes what is begun.
func (w *Worker[J]) Run(ctx context.Context) error {
	w.init()
	var begun sync.WaitGroup
	defer begun.Wait()
	freed := make(chan struct{}, cap(w.given)+w.Slots)
	begin := func(job J) {
		w.idle.Add(-1)
		begun.Go(func() {
			defer func() { freed <- struct{}{} }()
			w.do(context.WithoutCancel(ctx), job)
		})
	}
	w.idle.Store(int64(w.Slots))
	for ctx.Err() == nil {
		free := int(w.idle.Load())
		jobs := w.claim(ctx, free)
		for _, job := range jobs {
			begin(job)
		}
		w.pause(ctx, begin, freed, len(jobs) == free)
	}
	w.idle.Store(0)
	for len(w.given) > 0 {
		begin(<-w.given)
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

// pause begins what is given until there is reason to claim. When more was due than there were slots, a free slot is such a reason.
func (w *Worker[J]) pause(ctx context.Context, begin func(J), freed <-chan struct{}, more bool) {
	timer := time.NewTimer(poll)
	defer timer.Stop()
	for {
		given := w.given
		if w.idle.Load() == 0 {
			given = nil
		}
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
			return
		case <-w.wake:
			return
		case job := <-given:
			begin(job)
		case <-freed:
			w.idle.Add(1)
			if more {
				return
			}
		}
	}
}
