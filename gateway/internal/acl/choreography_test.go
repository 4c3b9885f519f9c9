package acl_test

import (
	"slices"
	"testing"

	"quadrille.dev/gateway/internal/acl"
	"quadrille.dev/platform/rabbit"
)

// TestTheChoreographyIsWhatTheTopologyLeads holds exchanges and keys against what the contexts declare in the broker.
func TestTheChoreographyIsWhatTheTopologyLeads(t *testing.T) {
	bound := 0
	for _, fact := range acl.Choreography() {
		for _, consumer := range fact.Consumers {
			want := rabbit.Binding{Source: fact.Exchange, Destination: rabbit.InboxQueue(consumer), RoutingKey: fact.RoutingKey}
			if bindings := rabbit.TopologyOf(consumer, []string{fact.Type}).Subscriptions; !slices.Contains(bindings, want) {
				t.Errorf("%s does not come to %s: %v", fact.Type, consumer, bindings)
			}
			bound++
		}
		if !fact.Style.IsValid() {
			t.Errorf("%s has style %q", fact.Type, fact.Style)
		}
	}
	if bound < 30 {
		t.Errorf("%d messages come to anybody", bound)
	}
}
