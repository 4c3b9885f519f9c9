package explore_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"quadrille.dev/proof/explore"
)

func TestNoInterleavingBreaksAnInvariant(t *testing.T) {
	t.Parallel()
	scenarios, err := explore.Choose("bounded", "")
	if err != nil {
		t.Fatal(err)
	}
	for _, scenario := range scenarios {
		t.Run(scenario.Name, func(t *testing.T) {
			report, err := explore.Explore(scenario)
			if err != nil {
				t.Fatal(err)
			}
			if report.Violation != nil {
				t.Fatal(report.Describe())
			}
			t.Logf("%d states, %d of them at rest, %d transitions", report.States, report.Rests, report.Transitions)
		})
	}
}

// One walk has ten orders, and a seed leads the same way again.
func TestWalksOfOneSeedAreTheSame(t *testing.T) {
	t.Parallel()
	walk := func() explore.Report {
		report, err := explore.Walks(0, 1)
		if err != nil {
			t.Fatal(err)
		}
		if report.Violation != nil {
			t.Fatal(report.Describe())
		}
		report.Took = 0
		return report
	}
	first, again := walk(), walk()
	if diff := cmp.Diff(first, again); diff != "" || first.Depth < 100 || first.Rests != 1 {
		t.Errorf("%d steps, and again:\n%s", first.Depth, diff)
	}
}
