package edge

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// probeTimeout bounds how long a context may take to show that it is ready.
const probeTimeout = 2 * time.Second

// Probe tells whether something is ready.
type Probe struct {
	Name  string
	Ready func(ctx context.Context) bool
}

// Readiness answers whether the gateway should get requests: from when all that it needs has been ready at once, until it drains.
// It does not take that back when a context fails later, since it serves on with what is left.
type Readiness struct {
	probes   []Probe
	complete atomic.Bool
	draining atomic.Bool
}

// NewReadiness asks probes until all of them are ready.
func NewReadiness(probes []Probe) *Readiness { return &Readiness{probes: probes} }

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
	for i, probe := range r.probes {
		if !ready[i] {
			missing = append(missing, probe.Name)
		}
	}
	return missing
}
