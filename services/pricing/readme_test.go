package pricing_test

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"quadrille.dev/services/pricing"
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
	if diff := cmp.Diff(pricing.Facts(), table(t, "Facts in"), cmpopts.EquateEmpty()); diff != "" {
		t.Error("facts in (-routes +README.md):\n" + diff)
	}
	if diff := cmp.Diff(pricing.Published(), table(t, "Facts out")); diff != "" {
		t.Error("facts out (-published +README.md):\n" + diff)
	}
}
