package serve

import (
	"github.com/prometheus/client_golang/prometheus"

	"quadrille.dev/platform/outbox"
	"quadrille.dev/platform/rabbit"
	"quadrille.dev/schema"
)

// newRelay makes what hands the facts in the context's outbox to the broker, while every queue is bound that the schemas declare.
func (h *Host) newRelay() *outbox.Relay {
	relay := outbox.NewRelay(outbox.RelayConfig{
		DB: h.DB, Broker: h.Broker, Consumers: rabbit.QueuesOf(h.Name, schema.Consumers()), Ownership: h.config.RelayOwnership,
		Log: h.Log,
	})
	h.registry.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{
		Name: "quadrille_outbox_published_total", Help: "Facts that the broker has taken.",
	}, func() float64 { return float64(relay.Published()) }))
	h.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "quadrille_relay_paused", Help: "1 while nothing is published because a declared binding is missing.",
	}, func() float64 {
		if relay.Paused() != "" {
			return 1
		}
		return 0
	}))
	h.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "quadrille_relay_unconfirmed_seconds", Help: "For how long the oldest fact in flight has been without the broker's confirm.",
	}, func() float64 { return relay.Unconfirmed().Seconds() }))
	h.registry.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{
		Name: "quadrille_relay_stalls_total", Help: "Channels given up because the broker confirmed nothing over them.",
	}, func() float64 { return float64(relay.Stalls()) }))
	return relay
}
