package serve

import (
	"strings"

	"quadrille.dev/platform/outbox"
	"quadrille.dev/platform/rabbit"
	"quadrille.dev/schema"
)

// recorder is the context that records every fact.
const recorder = "chronicle"

// relay hands the facts in the context's outbox to the broker.
func (h *Host) relay() *outbox.Relay {
	return outbox.NewRelay(outbox.RelayConfig{DB: h.DB, Broker: h.Broker, Consumers: inboxes(h.Name), Log: h.Log})
}

// inboxes are the queues that must get each fact of a context, as the schemas declare it.
func inboxes(context string) map[string][]string {
	queues := map[string][]string{}
	for fact, consumers := range schema.Consumers() {
		if owner, _, _ := strings.Cut(fact, "."); owner != context {
			continue
		}
		queues[fact] = []string{rabbit.InboxQueue(recorder)}
		for _, consumer := range consumers {
			queues[fact] = append(queues[fact], rabbit.InboxQueue(consumer))
		}
	}
	return queues
}
