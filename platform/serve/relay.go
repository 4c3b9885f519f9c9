package serve

import (
	"quadrille.dev/platform/outbox"
	"quadrille.dev/platform/rabbit"
	"quadrille.dev/schema"
)

// relay hands the facts in the context's outbox to the broker, while every queue is bound that the schemas declare.
func (h *Host) relay() *outbox.Relay {
	return outbox.NewRelay(outbox.RelayConfig{
		DB: h.DB, Broker: h.Broker, Consumers: rabbit.QueuesOf(h.Name, schema.Consumers()), Log: h.Log,
	})
}
