package customers_test

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"quadrille.dev/schema"
	"quadrille.dev/services/customers"
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
	column := []string(nil)
	for line := range strings.Lines(section) {
		if cells := strings.Split(line, "|"); len(cells) > 2 && !strings.HasPrefix(cells[1], "-") {
			column = append(column, strings.TrimSpace(cells[1]))
		}
	}
	if len(column) == 0 {
		return nil
	}
	return column[1:]
}

func TestReadmeListsTheFacts(t *testing.T) {
	if diff := cmp.Diff(customers.Facts(), table(t, "Facts in")); diff != "" {
		t.Error("facts in (-routes +README.md):\n" + diff)
	}
	if diff := cmp.Diff(customers.Published(), table(t, "Facts out")); diff != "" {
		t.Error("facts out (-published +README.md):\n" + diff)
	}
}

func TestPublishedFactsHaveSchemasOfOurs(t *testing.T) {
	owned := map[string]bool{}
	for _, event := range schema.Events() {
		owned[event.Name] = owned[event.Name] || event.Owner == "customers"
	}
	for _, fact := range customers.Published() {
		if !owned[fact] {
			t.Errorf("%s has no schema", fact)
		}
	}
}
