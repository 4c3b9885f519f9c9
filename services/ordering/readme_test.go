package ordering_test

import (
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"quadrille.dev/platform/audit"
	"quadrille.dev/services/ordering"
)

// table is the first column of the table under a heading of README.md.
func table(t *testing.T, heading string) []string {
	t.Helper()
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, found := strings.Cut(string(readme), "\n## "+heading+"\n")
	if !found {
		t.Fatalf("README.md has no %q", heading)
	}
	section, _, _ = strings.Cut(section, "\n## ")
	var column []string
	for line := range strings.Lines(section) {
		if cells := strings.Split(line, "|"); len(cells) > 2 && !strings.HasPrefix(cells[1], "-") {
			column = append(column, strings.TrimSpace(cells[1]))
		}
	}
	return column[1:]
}

func TestReadmeListsTheFacts(t *testing.T) {
	if diff := cmp.Diff(ordering.Facts(), table(t, "Facts in")); diff != "" {
		t.Error("facts in (-routes +README.md):\n" + diff)
	}
	if diff := cmp.Diff(ordering.Published(), table(t, "Facts out")); diff != "" {
		t.Error("facts out (-published +README.md):\n" + diff)
	}
}

// The states in the table are those that returns are seen in.
func TestReadmeListsTheStatesOfAReturn(t *testing.T) {
	seen := map[string]bool{}
	for _, way := range journeys {
		j := setOut(t)
		for _, step := range way.steps {
			seen[j.ReturnState(t.Context(), returnID)] = true
			j.play(step)
		}
		seen[j.ReturnState(t.Context(), returnID)] = true
	}
	if diff := cmp.Diff(slices.Sorted(maps.Keys(seen)), slices.Sorted(slices.Values(table(t, "States of a return")))); diff != "" {
		t.Error("states (-seen +README.md):\n" + diff)
	}
}

// What is listed as published is what is said, when every branch is taken.
func TestPublishedIsWhatIsSaid(t *testing.T) {
	said := []string{audit.Fact("ordering")} // what operators do is not part of a saga
	for _, branch := range branches {
		s := enter(t)
		for _, step := range slices.Concat(branch.first, branch.rest) {
			s.play(step, 1)
		}
		for _, fact := range s.said {
			said = append(said, "ordering.order."+fact)
		}
	}
	for _, way := range journeys {
		j := setOut(t)
		for _, step := range way.steps {
			j.play(step)
		}
		for _, fact := range j.said {
			said = append(said, "ordering.return."+fact)
		}
	}
	slices.Sort(said)
	if diff := cmp.Diff(slices.Sorted(slices.Values(ordering.Published())), slices.Compact(said)); diff != "" {
		t.Error("listed and said differ (-listed +said):\n" + diff)
	}
}
