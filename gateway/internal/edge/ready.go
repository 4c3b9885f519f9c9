package edge

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// probeTimeout bounds how long a context may take to show that it is ready.
	probeTimeout = 2 * time.Second
	// contextsAwaited is how long contexts are waited for that start together with the gateway.
	contextsAwaited = 20 * time.Second
)

// Probe tells whether something is ready.
type Probe struct {
	Name  string
	Ready func(ctx context.Context) bool
	// Needed is set for that without which the gateway serves nobody.
	Needed bool
}

// Readiness answers whether the gateway should get requests: from when everything has been ready at once, or, some time after its start,
// all that is needed; until it drains. It does not take that back when a context fails later, since it serves on with what is left.
type Readiness struct {
	probes   []Probe
	began    time.Time
	complete atomic.Bool
	draining atomic.Bool
}

// NewReadiness asks probes until all of them are ready.
func NewReadiness(probes []Probe) *Readiness { return &Readiness{probes: probes, began: time.Now()} }

// Drain makes the gateway not ready for good.
func (r *Readiness) Drain() { r.draining.Store(true) }

func (r *Readiness) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	switch {
	case r.draining.Load():
		http.Error(w, "draining", http.StatusServiceUnavailable)
	case r.complete.Load():
		_, _ = w.Write([]byte("ready\n"))
	default:
		missing := r.missing(request.Context())
		if len(missing) > 0 {
			http.Error(w, "waiting for "+strings.Join(missing, ", "), http.StatusServiceUnavailable)
			return
		}
		r.complete.Store(true)
		_, _ = w.Write([]byte("ready\n"))
	}
}

func (r *Readiness) missing(ctx context.Context) []string {
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	ready := make([]bool, len(r.probes))
	var asked sync.WaitGroup
	for i, probe := range r.probes {
		asked.Go(func() { ready[i] = probe.Ready(ctx) })
	}
	asked.Wait()
	var missing []string
	late := time.Since(r.began) > contextsAwaited
	for i, probe := range r.probes {
		if !ready[i] && (probe.Needed || !late) {
			missing = append(missing, probe.Name)
		}
	}
	return missing
}
