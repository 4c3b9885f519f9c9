package explore_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"quadrille.dev/platform/event"
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
			if story.Return {
				return compareReturn(shown[story.Subject.String()], story)
			}
			return compare(shown[story.Subject.String()], story)
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

// compareReturn is compare of a return, of which everything is told that changes how it stands, but for an operator having it tried again.
// What others tell of it is no part of the process.
func compareReturn(shown chronicle.Shown, story explore.Story) error {
	retried := story.Status == "COMPENSATING" && shown.State == "NEEDS_OPERATOR"
	inSaga := strings.HasPrefix(story.Next, "ordering.return.")
	// That the money is back although the answer was overdue, so that there is nothing to undo, nobody waits for.
	afterAll := story.Next == "ordering.return.stepCompleted" &&
		slices.ContainsFunc(story.Facts, func(e event.Envelope) bool { return e.Name() == "ordering.return.stepFailed" })
	switch {
	case story.Next == "" && shown.State != story.Status && !retried:
		return fmt.Errorf("a return %s, and chronicle shows %q", story.Status, shown.State)
	case inSaga && !story.Asked && !afterAll && !slices.Contains(shown.WaitingFor, story.Next):
		return fmt.Errorf("%s comes next, and chronicle waits for %v", story.Next, shown.WaitingFor)
	}
	return nil
}
