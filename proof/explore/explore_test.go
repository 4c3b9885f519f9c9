package explore_test

import (
	"testing"

	"quadrille.dev/proof/explore"
)

func TestNoInterleavingBreaksAnInvariant(t *testing.T) {
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
