package resilience

import (
	"time"

	"github.com/failsafe-go/failsafe-go/circuitbreaker"
)

// The states of a breaker.
const (
	Closed   = "CLOSED"
	Open     = "OPEN"
	HalfOpen = "HALF_OPEN"
)

// State is how a breaker stands.
type State struct {
	// To is the neighbour.
	To string
	// State is Closed, Open or HalfOpen.
	State string
	// Since is when it came into this state.
	Since time.Time
	// Failures counts the failed calls since the breaker was last closed; a success while it is closed sets it back.
	Failures int64
}

// State answers how the breaker stands now.
func (n *Neighbour) State() State {
	state := name(n.breaker.State())
	n.mu.Lock()
	defer n.mu.Unlock()
	return State{To: n.config.To, State: state, Since: n.since, Failures: n.failures}
}

func (n *Neighbour) changed(change circuitbreaker.StateChangedEvent) {
	n.mu.Lock()
	n.since = time.Now()
	if change.NewState == circuitbreaker.ClosedState {
		n.failures = 0
	}
	failures := n.failures
	n.mu.Unlock()
	n.follow(change.NewState)
	n.metrics.changed(n.config.To, change.NewState)
	n.config.Log.Warn("circuit breaker changed", "to", n.config.To,
		"from", name(change.OldState), "state", name(change.NewState), "failures", failures)
}

// record tells the breaker how a call for which it gave a permit went.
func (n *Neighbour) record(outcome outcome) {
	switch outcome {
	case answered:
		n.count(false)
		n.breaker.RecordSuccess()
	case silent:
		n.count(true)
		n.breaker.RecordFailure()
	case hurried:
		// That says nothing of the neighbour. Half-open, the permit has to be given back, and the cautious answer is that it is
		// not well yet.
		if n.breaker.IsHalfOpen() {
			n.count(true)
			n.breaker.RecordFailure()
		}
	case abandoned:
		// Nor does that, and one visitor who leaves must not keep it from all others: half-open, it is tried anew.
		if n.breaker.IsHalfOpen() {
			n.breaker.Open()
			n.breaker.HalfOpen()
		}
	}
}

func (n *Neighbour) count(failed bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	switch {
	case failed:
		n.failures++
	case n.breaker.IsClosed():
		n.failures = 0
	}
}

func name(state circuitbreaker.State) string {
	switch state {
	case circuitbreaker.ClosedState:
		return Closed
	case circuitbreaker.OpenState:
		return Open
	case circuitbreaker.HalfOpenState:
		return HalfOpen
	default:
		return state.String()
	}
}
