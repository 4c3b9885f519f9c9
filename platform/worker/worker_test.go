package worker_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"quadrille.dev/platform/worker"
)

// queue holds jobs until they are claimed.
type queue struct {
	jobs chan int
	fail bool
}

func (q *queue) claim(_ context.Context, limit int) ([]int, error) {
	if q.fail {
		q.fail = false
		return nil, errors.New("no database")
	}
	var claimed []int
	for len(claimed) < limit {
		select {
		case job := <-q.jobs:
			claimed = append(claimed, job)
		default:
			return claimed, nil
		}
	}
	return claimed, nil
}

// begin runs a worker on a queue; each job lasts until release is sent to.
func begin(t *testing.T, q *queue, slots int) (w *worker.Worker[int], begun chan int, release chan struct{}, end func()) {
	begun, release = make(chan int, 100), make(chan struct{})
	w = &worker.Worker[int]{
		Slots: slots, Claim: q.claim, Log: slog.New(slog.DiscardHandler),
		Do: func(_ context.Context, job int) {
			begun <- job
			<-release
		},
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- w.Run(ctx) }()
	return w, begun, release, func() {
		cancel()
		close(release)
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
}

func TestWorkBeginsAtOnceWhenTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := &queue{jobs: make(chan int, 100)}
		w, begun, _, end := begin(t, q, 2)
		synctest.Wait()
		start := time.Now()
		q.jobs <- 1
		w.Wake()
		<-begun
		if took := time.Since(start); took != 0 {
			t.Errorf("it took %v", took)
		}
		end()
	})
}

func TestWorkIsFoundWithoutBeingTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := &queue{jobs: make(chan int, 100)}
		_, begun, _, end := begin(t, q, 2)
		synctest.Wait()
		start := time.Now()
		q.jobs <- 1
		<-begun
		if took := time.Since(start); took > time.Second {
			t.Errorf("it took %v", took)
		}
		end()
	})
}

func TestNoMoreThanItsSlotsAtOnceAndTheNextWhenOneIsFree(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := &queue{jobs: make(chan int, 100)}
		for job := range 5 {
			q.jobs <- job
		}
		_, begun, release, end := begin(t, q, 2)
		start := time.Now()
		for n := 2; n <= 5; n++ {
			synctest.Wait()
			if len(begun) != n {
				t.Errorf("%d are begun, want %d", len(begun), n)
			}
			release <- struct{}{}
		}
		synctest.Wait()
		if took := time.Since(start); took != 0 {
			t.Errorf("it took %v", took)
		}
		end()
	})
}

func TestWhatIsBegunIsFinished(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := &queue{jobs: make(chan int, 100)}
		q.jobs <- 1
		finished := false
		ctx, cancel := context.WithCancel(t.Context())
		w := &worker.Worker[int]{
			Slots: 1, Claim: q.claim, Log: slog.New(slog.DiscardHandler),
			Do: func(ctx context.Context, _ int) {
				cancel()
				time.Sleep(time.Second)
				finished = ctx.Err() == nil
			},
		}
		if err := w.Run(ctx); err != nil || !finished {
			t.Errorf("finished %v, error %v", finished, err)
		}
	})
}

func TestAFailingDatabaseIsTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := &queue{jobs: make(chan int, 100), fail: true}
		q.jobs <- 1
		_, begun, _, end := begin(t, q, 1)
		<-begun
		end()
	})
}

func TestAPanicEndsNothingButItsJob(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, done := &queue{jobs: make(chan int, 100)}, make(chan int, 100)
		w := &worker.Worker[int]{
			Slots: 1, Claim: q.claim, Log: slog.New(slog.DiscardHandler),
			Do: func(_ context.Context, job int) {
				if job == 1 {
					panic("rubbish")
				}
				done <- job
			},
		}
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- w.Run(ctx) }()
		q.jobs <- 1
		q.jobs <- 2
		w.Wake()
		if job := <-done; job != 2 {
			t.Errorf("did %d", job)
		}
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

// What is given is begun at once and never claimed, and waits for a slot when none is free.
func TestWhatIsGivenIsDoneWithoutBeingClaimed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, begun, release, end := begin(t, &queue{}, 2)
		synctest.Wait()
		if idle := w.Idle(); idle != 2 {
			t.Errorf("idle for %d jobs, of 2", idle)
		}
		start := time.Now()
		for job := range 3 {
			w.Give(job)
		}
		synctest.Wait()
		if len(begun) != 2 || w.Idle() > 0 || time.Since(start) != 0 {
			t.Errorf("%d begun of 3 after %s, idle for %d more", len(begun), time.Since(start), w.Idle())
		}
		release <- struct{}{}
		synctest.Wait()
		if len(begun) != 3 {
			t.Errorf("%d begun of 3 when a slot is free", len(begun))
		}
		end()
		if idle := w.Idle(); idle > 0 {
			t.Errorf("idle for %d jobs at the end", idle)
		}
	})
}

// A job that is given while the worker ends is done before it has ended.
func TestWhatIsGivenIsDoneAtTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, begun, _, end := begin(t, &queue{}, 1)
		synctest.Wait()
		w.Give(1)
		w.Give(2)
		synctest.Wait()
		end()
		if len(begun) != 2 {
			t.Errorf("%d begun of 2", len(begun))
		}
	})
}
