package conformance

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"quadrille.dev/schema"
	"quadrille.dev/services/billing"
	"quadrille.dev/services/chronicle"
	"quadrille.dev/services/fulfillment"
	"quadrille.dev/services/inventory"
	"quadrille.dev/services/ordering"
)

// TestSchemasNameTheirConsumers holds the consumers that the schemas declare, from which topology and documents derive, against the
// routes that contexts really have.
func TestSchemasNameTheirConsumers(t *testing.T) {
	t.Parallel()
	routed := map[string][]string{}
	for context, facts := range map[string][]string{
		"billing": billing.Facts(), "fulfillment": fulfillment.Facts(), "inventory": inventory.Facts(), "ordering": ordering.Facts(),
	} {
		for _, fact := range facts {
			routed[fact] = append(routed[fact], context)
		}
	}
	declared := map[string][]string{}
	for fact, contexts := range schema.Consumers() {
		if len(contexts) > 0 {
			declared[fact] = contexts
		}
	}
	for _, contexts := range routed {
		slices.Sort(contexts)
	}
	if diff := cmp.Diff(declared, routed); diff != "" {
		t.Errorf("consumers of each fact (-declared in the schema, +routed):\n%s", diff)
	}
	if facts := chronicle.Facts(); !slices.Equal(facts, []string{"#"}) {
		t.Errorf("chronicle hears %v, not everything", facts)
	}
}
