package mutants

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"quadrille.dev/stack/local/localtest"
)

func TestListedSurvivorsAreMutants(t *testing.T) {
	survivors, err := Survivors()
	if err != nil {
		t.Fatal(err)
	}
	all, _, err := All(t.Context(), localtest.Root(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range Gone(all, survivors) {
		t.Errorf("a survivor is listed that is no mutant any more: %s", name)
	}
}

func TestASurvivorNeedsOneReason(t *testing.T) {
	known, err := readSurvivors("# What it does is done\n# elsewhere too.\none\ntwo\n\n# Nobody asks.\nthree\n")
	want := map[string]string{"one": "What it does is done elsewhere too.", "two": "What it does is done elsewhere too.", "three": "Nobody asks."}
	if diff := cmp.Diff(want, known); diff != "" || err != nil {
		t.Error(err, diff)
	}
	for _, wrong := range []string{"one", "# A reason.\none\n\n# Another.\none\n"} {
		if known, err := readSurvivors(wrong); err == nil {
			t.Errorf("%q is read as %v", wrong, known)
		}
	}
}

func TestWhatIsListedHasToSurviveAndTheRestHasNot(t *testing.T) {
	named := func(name, caught string) Verdict { return Verdict{Mutant: Mutant{Name: name}, Caught: caught} }
	verdicts := []Verdict{named("listed", ""), named("unlisted", ""), named("caught", "x"), named("listed and caught", "x")}
	wrong := Judge(verdicts, map[string]string{"listed": "why", "listed and caught": "why"})
	want := []string{"survives, and no reason is given: unlisted", "is listed as a survivor, and was caught by x: listed and caught"}
	if diff := cmp.Diff(want, wrong); diff != "" {
		t.Error(diff)
	}
}
