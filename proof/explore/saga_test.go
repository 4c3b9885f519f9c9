package explore_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"quadrille.dev/proof/explore"
	"quadrille.dev/services/chronicle"
)

// Chronicle derives how a saga stands from what the schemas declare. It is at rest for chronicle when it is, and as it is, and whatever
// comes next was waited for, unless somebody asked for it or the saga is at rest; in whatever order chronicle has heard the facts.
func TestChronicleShowsSagasAsTheyEnd(t *testing.T) {
	t.Parallel()
	scenarios, err := explore.Choose("bounded", "")
	if err != nil {
		t.Fatal(err)
	}
	chance, stories := rand.New(rand.NewPCG(1, 2)), 0
	for _, scenario := range scenarios {
		report, err := explore.Watch(scenario, func(story explore.Story) error {
			stories++
			chance.Shuffle(len(story.Facts), func(i, j int) { story.Facts[i], story.Facts[j] = story.Facts[j], story.Facts[i] })
			shown, err := chronicle.Show(t.Context(), story.Facts)
			if err != nil {
				return err
			}
			return compare(shown[story.Order.String()], story)
		})
		if err != nil {
			t.Fatal(err)
		}
		if report.Violation != nil {
			t.Error(report.Describe())
		}
	}
	t.Logf("%d stories", stories)
}

func compare(shown chronicle.Shown, story explore.Story) error {
	resting := map[string]string{"FULFILLED": "COMPLETED", "CANCELLED": "COMPENSATED", "": ""}[story.Status]
	atRest := shown.State == "COMPLETED" || shown.State == "COMPENSATED"
	switch {
	case story.Rest && shown.State != resting:
		return fmt.Errorf("an order %s rests, and chronicle shows %q", story.Status, shown.State)
	case atRest && shown.State != resting, shown.State == "COMPENSATED" && !story.Settled && story.Next == "":
		return fmt.Errorf("an order %s, settled: %t, and chronicle shows %s", story.Status, story.Settled, shown.State)
	case story.Next != "" && !story.Asked && !atRest && !slices.Contains(shown.WaitingFor, story.Next):
		return fmt.Errorf("%s comes next, and chronicle waits for %v", story.Next, shown.WaitingFor)
	}
	return nil
}
