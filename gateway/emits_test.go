package gateway

import (
	"slices"
	"strings"
	"testing"

	"quadrille.dev/gateway/internal/graph/generated"
	"quadrille.dev/schema"
)

// TestEveryMutationSaysWhichFactsItSetsOff holds the names in @emits against the schemas of the facts. Whether it is these facts is held
// in proof/conformance, where mutations are carried out.
func TestEveryMutationSaysWhichFactsItSetsOff(t *testing.T) {
	known := map[string]bool{}
	for _, fact := range schema.Events() {
		_, anyones, _ := strings.Cut(fact.Name, ".")
		known[fact.Name], known["*."+anyones] = true, true
	}
	for _, mutation := range generated.NewExecutableSchema(generated.Config{}).Schema().Mutation.Fields {
		emits := mutation.Directives.ForName("emits")
		if emits == nil {
			t.Errorf("%s does not say which facts it sets off", mutation.Name)
			continue
		}
		var facts []string
		for _, fact := range emits.Arguments.ForName("facts").Value.Children {
			if facts = append(facts, fact.Value.Raw); !known[fact.Value.Raw] {
				t.Errorf("%s sets off %s, which has no schema", mutation.Name, fact.Value.Raw)
			}
		}
		if slices.Sort(facts); len(slices.Compact(facts)) != len(emits.Arguments.ForName("facts").Value.Children) {
			t.Errorf("%s says a fact twice: %q", mutation.Name, facts)
		}
	}
}
