package local

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"quadrille.dev/platform/rabbit"
	"quadrille.dev/schema"
)

var neighbourSetting = regexp.MustCompile("env:\"([A-Z]+)_URL,required\"")

// The table of programs is true: it gives every program the neighbours that its configuration asks for, and no more.
func TestProgramsCallWhomTheirConfigurationNames(t *testing.T) {
	names := []string{}
	for _, p := range Programs {
		names = append(names, p.Name)
	}
	for _, p := range Programs {
		home, _, _ := strings.Cut(p.Package, "/cmd/")
		if p.Ledger {
			home = p.Package
		}
		var asked []string
		for _, source := range goFiles(t, filepath.Join(repository, home)) {
			for _, match := range neighbourSetting.FindAllStringSubmatch(source, -1) {
				if name := strings.ToLower(match[1]); slices.Contains(names, name) {
					asked = append(asked, name)
				}
			}
		}
		slices.Sort(asked)
		calls := slices.Sorted(slices.Values(p.Calls))
		if diff := cmp.Diff(asked, calls); diff != "" {
			t.Errorf("%s:\n%s", p.Name, diff)
		}
	}
}

func goFiles(t *testing.T, dir string) []string {
	t.Helper()
	var sources []string
	err := filepath.WalkDir(dir, func(path string, _ os.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".go" {
			return err
		}
		source, err := os.ReadFile(path)
		sources = append(sources, string(source))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return sources
}

func TestEveryContextIsAProgram(t *testing.T) {
	if diff := cmp.Diff(rabbit.Contexts, slices.Sorted(slices.Values(contextNames()))); diff != "" {
		t.Error(diff)
	}
}

// Whoever listens without an inbox hears no personal data: nobody could have it forgotten there.
func TestNothingPersonalIsOverheard(t *testing.T) {
	impersonal := schema.Impersonal()
	heard := 0
	for _, p := range Programs {
		for _, fact := range schema.Events() {
			if !slices.Contains(p.Overhears, fact.Owner) {
				continue
			}
			heard++
			if !slices.Contains(impersonal, fact.Name) {
				t.Errorf("%s overhears %s", p.Name, fact.Name)
			}
		}
	}
	if heard == 0 {
		t.Error("nobody overhears anything")
	}
}
