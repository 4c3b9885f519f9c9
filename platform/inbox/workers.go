package inbox

import "sync"

// workers run jobs of different keys at once, and jobs of one key one after the other.
type workers struct {
	mu      sync.Mutex
	queues  map[string][]func()
	jobs    int
	running sync.WaitGroup
}

func newWorkers() *workers { return &workers{queues: map[string][]func(){}} }

// submit never blocks; what bounds the number of jobs is the prefetch.
func (w *workers) submit(key string, job func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	queue, busy := w.queues[key]
	w.queues[key] = append(queue, job)
	w.jobs++
	if !busy {
		w.running.Go(func() { w.work(key) })
	}
}

func (w *workers) work(key string) {
	for {
		w.mu.Lock()
		job := w.queues[key][0]
		w.mu.Unlock()
		job()
		w.mu.Lock()
		w.jobs--
		if w.queues[key] = w.queues[key][1:]; len(w.queues[key]) == 0 {
			delete(w.queues, key)
			w.mu.Unlock()
			return
		}
		w.mu.Unlock()
	}
}

// inHand is how many jobs are submitted and not done.
func (w *workers) inHand() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.jobs
}

// wait returns when all jobs are done. Nothing may be submitted meanwhile.
func (w *workers) wait() { w.running.Wait() }
