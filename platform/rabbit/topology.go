package rabbit

import (
	"slices"
	"strings"

	"quadrille.dev/schema"
)

// Contexts are the publishers of the system: whoever consumes "#" hears all of them.
var Contexts = []string{
	"billing", "catalog", "chronicle", "customers", "fulfillment", "inventory", "ordering", "pricing",
}

const (
	// deliveryLimit is explicit because the default differs between versions of RabbitMQ, and high because consumers count
	// attempts in their own database. It is an argument too, so that a queue whose policy somebody has removed does not drop a message
	// after RabbitMQ 4's default of 20 deliveries; a policy can still lower it.
	deliveryLimit = 100_000
	// segmentSize is small because RabbitMQ removes a segment of the stream as a whole, when its last message is seven days old, and
	// looks for such segments when it begins a new one: up to two segments are older than that. A larger one would keep what little a
	// quiet shop says for weeks, a smaller one makes more files than a busy shop's week is worth.
	segmentSize = 500_000
	// maxAge is how long the stream keeps messages, as RabbitMQ writes it.
	maxAge = "7D"
	// recentLength is how many facts operators can look back on.
	recentLength = 1_000
	// everything as a fact means every fact of every context that is told to whoever listens.
	everything = "#"
	// recorder is the context that keeps the stream and what operators look into.
	recorder = "chronicle"
	// streamQueue keeps every fact, and every command, for a week.
	streamQueue = recorder + ".stream"
	// recent is the queue that the operator user may read. It gets facts without personal data alone: there nobody could mask it.
	recent = "operator.recent"
)

// StreamKeeps is how far the stream of all facts reaches back.
const StreamKeeps = streamKeeps

// EventsExchange is where a context publishes its facts.
func EventsExchange(context string) string { return context + ".events" }

// CommandsExchange is where a context takes commands, whose answers go to its asker's RepliesExchange.
func CommandsExchange(context string) string { return context + ".commands" }

// RepliesExchange is where a context takes the answers to its commands.
func RepliesExchange(context string) string { return context + ".replies" }

// SignalsExchange is where a context sends its signals.
func SignalsExchange(context string) string { return context + ".signals" }

// InboxQueue holds the facts that a context has yet to handle.
func InboxQueue(context string) string { return context + ".inbox" }

// DeadQueue holds what a context could not even read; the exchange before it has the same name.
func DeadQueue(context string) string { return context + ".dead" }

// signalQueue is a queue of a program's own, such as "gateway.signal.inventory.5f0c9a1e" for what it hears of inventory.
func signalQueue(name, of string) string { return name + ".signal." + of }

// Exchange is an exchange as it is declared, durable.
type Exchange struct {
	Name string `json:"name"`
	Type string `json:"type"`
}

// Queue is a queue as it is declared, durable. Its arguments are what no policy can say, or what must hold without one.
type Queue struct {
	Name      string         `json:"name"`
	Arguments map[string]any `json:"arguments"`
	// Former are the arguments of queues that were made before there were policies; they last as long as the queue, and agree with its
	// policy.
	Former map[string]any `json:"-"`
}

// Binding leads messages from an exchange to a queue.
type Binding struct {
	Source      string `json:"source"`
	Destination string `json:"destination"`
	RoutingKey  string `json:"routing_key"`
}

// Topology is the part of the system's topology that one context declares.
type Topology struct {
	Exchanges []Exchange
	Queues    []Queue
	// Policies are set by an administrator: a context has no right to.
	Policies []Policy
	// Bindings are between what the context declares itself.
	Bindings []Binding
	// Subscriptions bind the context's queues to its neighbours' exchanges, which have to exist first.
	Subscriptions []Binding
	// Withdrawn are subscriptions that there once were.
	Withdrawn []Binding
}

// TopologyOf computes what a context declares, given the facts that it consumes: "ordering.order.placed", or "#".
func TopologyOf(context string, facts []string) Topology {
	inbox, dead := InboxQueue(context), DeadQueue(context)
	topology := Topology{
		Exchanges: append([]Exchange{
			{EventsExchange(context), "topic"},
			{SignalsExchange(context), "topic"},
			{dead, "fanout"},
		}, addressed(context)...),
		Queues: []Queue{
			// Looking into it counts as a delivery.
			{Name: dead, Arguments: quorum()},
			{Name: inbox, Arguments: quorum(), Former: map[string]any{
				"x-queue-type":           "quorum",
				"x-delivery-limit":       int64(deliveryLimit),
				"x-dead-letter-exchange": dead,
				"x-dead-letter-strategy": "at-least-once",
				"x-overflow":             "reject-publish",
			}},
		},
		Policies: []Policy{
			policyOf(dead, map[string]any{"delivery-limit": int64(deliveryLimit)}),
			keeping(inbox, dead),
		},
		Bindings:      []Binding{{dead, dead, ""}},
		Subscriptions: subscriptions(inbox, facts),
	}
	if context == recorder {
		topology.record()
	}
	return topology
}

func quorum() map[string]any {
	return map[string]any{"x-queue-type": "quorum", "x-delivery-limit": int64(deliveryLimit)}
}

// record adds the stream for replay, which keeps everything, and what operators may look into without touching an inbox.
func (t *Topology) record() {
	t.Queues = append(t.Queues,
		// A policy that comes later does not change the size of segments.
		Queue{
			Name:      streamQueue,
			Arguments: map[string]any{"x-queue-type": "stream", "x-stream-max-segment-size-bytes": int64(segmentSize)},
			Former: map[string]any{
				"x-queue-type": "stream", "x-max-age": maxAge, "x-stream-max-segment-size-bytes": int64(segmentSize),
			},
		},
		Queue{
			Name:      recent,
			Arguments: map[string]any{"x-queue-type": "classic"},
			Former:    map[string]any{"x-queue-type": "classic", "x-max-length": int64(recentLength), "x-overflow": "drop-head"},
		},
	)
	t.Policies = append(t.Policies,
		policyOf(streamQueue, map[string]any{"max-age": maxAge}),
		policyOf(recent, map[string]any{"max-length": int64(recentLength), "overflow": "drop-head"}),
	)
	t.Subscriptions = append(t.Subscriptions, subscriptions(streamQueue, []string{everything})...)
	t.Subscriptions = append(t.Subscriptions, subscriptions(streamQueue, schema.Commands())...)
	t.Subscriptions = append(t.Subscriptions, subscriptions(recent, schema.Impersonal())...)
	t.Withdrawn = subscriptions(recent, []string{everything})
}

func subscriptions(queue string, facts []string) []Binding {
	var bindings []Binding
	for _, fact := range facts {
		if fact == everything {
			for _, context := range Contexts {
				bindings = append(bindings, Binding{EventsExchange(context), queue, everything})
			}
			continue
		}
		_, key := splitFact(fact)
		bindings = append(bindings, Binding{exchangeOf(fact), queue, key})
	}
	return bindings
}

// addressed are the exchanges at which a context takes what is for it alone.
func addressed(context string) []Exchange {
	var exchanges []Exchange
	for _, name := range []string{CommandsExchange(context), RepliesExchange(context)} {
		if slices.ContainsFunc(schema.Events(), func(e schema.Event) bool { return e.Exchange() == name }) {
			exchanges = append(exchanges, Exchange{name, "topic"})
		}
	}
	return exchanges
}

// exchangeOf is the exchange that a fact is published to: its context's, unless its schema says that it is for one context alone.
func exchangeOf(fact string) string {
	for _, e := range schema.Events() {
		if e.Name == fact {
			return e.Exchange()
		}
	}
	context, _ := splitFact(fact)
	return EventsExchange(context)
}

// splitFact splits "ordering.order.placed" into the context and a binding key for all versions.
func splitFact(fact string) (context, key string) {
	context, name, _ := strings.Cut(fact, ".")
	return context, name + ".*"
}
