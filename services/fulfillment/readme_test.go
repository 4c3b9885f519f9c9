package fulfillment_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"quadrille.dev/services/fulfillment"
)

// firstCells are the first cells, which are code, of the table below a heading of README.
func firstCells(t *testing.T, heading string) []string {
	t.Helper()
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, found := strings.Cut(string(readme), "\n## "+heading+"\n")
	if !found {
		t.Fatalf("README has no %q", heading)
	}
	section, _, _ = strings.Cut(section, "\n## ")
	var cells []string
	for _, match := range regexp.MustCompile("(?m)^\\| `([^`]+)` \\|").FindAllStringSubmatch(section, -1) {
		cells = append(cells, match[1])
	}
	slices.Sort(cells)
	return cells
}

func TestREADMENamesEveryFact(t *testing.T) {
	heard := slices.Concat(firstCells(t, "Facts in"), firstCells(t, "Commands"))
	if diff := cmp.Diff(slices.Sorted(slices.Values(fulfillment.Facts())), slices.Sorted(slices.Values(heard))); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(published(t), firstCells(t, "Facts out")); diff != "" {
		t.Error(diff)
	}
}
