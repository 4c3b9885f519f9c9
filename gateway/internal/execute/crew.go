package execute

import (
	"sync"
	"time"
)

// crew runs jobs at the same time, by goroutines that stay for a while: a new one would first have to grow the stack that calls need.
type crew struct{ jobs chan func() }

// restsFor is how long a goroutine waits for its next job.
const restsFor = 200 * time.Millisecond

// hands are those of all executions.
var hands = crew{make(chan func())}

// do has a job run, which done is told of.
func (c crew) do(done *sync.WaitGroup, job func()) {
	done.Add(1)
	run := func() {
		defer done.Done()
		job()
	}
	select {
	case c.jobs <- run:
	default:
		go c.work(run)
	}
}

// work runs a job, and others as long as there are any.
func (c crew) work(job func()) {
	rest := time.NewTimer(restsFor)
	defer rest.Stop()
	for {
		job()
		rest.Reset(restsFor)
		select {
		case job = <-c.jobs:
		case <-rest.C:
			return
		}
	}
}
