package chronicle_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"quadrille.dev/schema"
	"quadrille.dev/services/chronicle"
)

// table is the rows of the first table under a heading of README.md, its head left out.
func table(t *testing.T, heading string) [][]string {
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
	var rows [][]string
	for line := range strings.Lines(section) {
		line = strings.TrimSpace(line)
		if !strings.HasPrefix(line, "|") {
			if rows != nil {
				break
			}
			continue
		}
		cells := strings.Split(strings.Trim(line, "|"), "|")
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		rows = append(rows, cells)
	}
	return rows[2:]
}

func firsts(rows [][]string) []string {
	var firsts []string
	for _, row := range rows {
		firsts = append(firsts, row[0])
	}
	return firsts
}

func TestReadmeListsTheFacts(t *testing.T) {
	if diff := cmp.Diff(chronicle.Facts(), firsts(table(t, "Facts in"))); diff != "" {
		t.Errorf("facts in (-routes +README.md):\n%s", diff)
	}
	if diff := cmp.Diff(chronicle.Published(), firsts(table(t, "Facts out"))); diff != "" {
		t.Errorf("facts out (-published +README.md):\n%s", diff)
	}
}

func TestReadmeTellsTheProcessAsDeclared(t *testing.T) {
	var want [][]string
	for _, event := range schema.Events() {
		if event.Saga == nil {
			continue
		}
		var steps []string
		for _, effect := range event.Saga.Effects {
			var verbs []string
			for _, verb := range effect.Does {
				verbs = append(verbs, string(verb))
			}
			steps = append(steps, strings.Join(verbs, " or ")+" "+effect.Step)
		}
		switch {
		case event.Saga.Remark:
			steps = []string{"remarks"}
		case steps == nil:
			steps = []string{"–"}
		}
		turns := string(event.Saga.Turns)
		if turns == "" {
			turns = "–"
		}
		want = append(want, []string{event.Name, strings.Join(steps, ", "), turns})
	}
	got := table(t, "What facts do to a saga")
	slices.SortFunc(got, slices.Compare)
	slices.SortFunc(want, slices.Compare)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("process (-schemas +README.md):\n%s", diff)
	}
}
