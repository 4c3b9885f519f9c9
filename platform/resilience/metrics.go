package resilience

import (
	"errors"
	"time"

	"connectrpc.com/connect"
	"github.com/failsafe-go/failsafe-go/circuitbreaker"
	"github.com/prometheus/client_golang/prometheus"
)

// metrics are shared by all neighbours of a registry; each has its own label "to".
type metrics struct {
	breaker *prometheus.GaugeVec
	changes *prometheus.CounterVec
	calls   *prometheus.HistogramVec
}

func newMetrics(registry prometheus.Registerer) metrics {
	return metrics{
		breaker: register(registry, prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "quadrille_breaker_state",
			Help: "How the circuit breaker to a neighbour stands: 0 closed, 1 open, 2 half-open.",
		}, []string{"to"})),
		changes: register(registry, prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "quadrille_breaker_changes_total",
			Help: "How often the circuit breaker to a neighbour came into a state.",
		}, []string{"to", "state"})),
		calls: register(registry, prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "quadrille_rpc_client_seconds",
			Help: "How long calls to neighbours took, repetitions included.",
		}, []string{"to", "procedure", "code"})),
	}
}

// register answers the collector that is already there, if there is one of the same description.
func register[C prometheus.Collector](registry prometheus.Registerer, collector C) C {
	if registry == nil {
		return collector
	}
	err := registry.Register(collector)
	if there, ok := errors.AsType[prometheus.AlreadyRegisteredError](err); ok {
		return there.ExistingCollector.(C)
	}
	if err != nil {
		panic(err)
	}
	return collector
}

func (m metrics) state(to string, state circuitbreaker.State) {
	m.breaker.WithLabelValues(to).Set(float64(state))
}

func (m metrics) changed(to string, state circuitbreaker.State) {
	m.state(to, state)
	m.changes.WithLabelValues(to, name(state)).Inc()
}

func (m metrics) called(to, procedure string, err error, took time.Duration) {
	code := "ok"
	if err != nil {
		code = connect.CodeOf(err).String()
	}
	m.calls.WithLabelValues(to, procedure, code).Observe(took.Seconds())
}
