package explore_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"quadrille.dev/proof/explore"
)

// Leaving out of states what nobody can tell apart leaves out no way in which a scenario can end, and no violation.
func TestReducedAndWholeSearchesFindTheSame(t *testing.T) {
	t.Parallel()
	names := []string{
		"happy-path", "out-of-stock", "declined", "carrier-refuses", "cancelled-at-any-time", "declined-with-cancel",
		"carrier-refuses-with-cancel", "deadline", "lost-answers", "erased",
		"return-not-refunded", "return-overdue", "return-lost-answers", "return-erased", "return-of-too-much",
	}
	for _, name := range names {
		for _, fault := range []explore.Fault{explore.NoFault, explore.AckBeforeCommit, explore.PublishBeforeCommit} {
			t.Run(fmt.Sprintf("%s with fault %d", name, fault), func(t *testing.T) {
				reduced := scenario(t, name)
				reduced.Fault = fault
				whole := reduced
				whole.Whole = true
				if diff := cmp.Diff(ends(t, whole), ends(t, reduced)); diff != "" {
					t.Errorf("whole against reduced:\n%s", diff)
				}
			})
		}
	}
}

// ends are the ways in which a scenario ends, and the violation that ends it all.
func ends(t *testing.T, s explore.Scenario) []string {
	t.Helper()
	ends, violation, err := explore.Ends(s)
	if err != nil {
		t.Fatal(err)
	}
	if violation != nil {
		return []string{fmt.Sprintf("%s after %d steps", violation.Error(), len(violation.Steps))}
	}
	return ends
}
