package explore_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"quadrille.dev/proof/explore"
)

func scenario(t *testing.T, name string) explore.Scenario {
	t.Helper()
	chosen, err := explore.Choose("full", name)
	if err != nil {
		t.Fatal(err)
	}
	return chosen[0]
}

func violation(t *testing.T, s explore.Scenario) *explore.Violation {
	t.Helper()
	report, err := explore.Explore(s)
	if err != nil {
		t.Fatal(err)
	}
	return report.Violation
}

// broken are promises of outbox and inbox that are broken, and what the explorer has to find then.
var broken = []struct {
	name, scenario string
	fault          explore.Fault
	invariant      string
}{
	{"a message is acknowledged before it is handled", "happy-path", explore.AckBeforeCommit, "rest-undecided"},
	{"facts are published before they are committed", "cancelled-at-any-time", explore.PublishBeforeCommit, "sequence"},
	{"several are acknowledged of which one is handled", "happy-path", explore.AckAllForOne, "rest-undecided"},
	{"answers are published before they are committed", "return", explore.PublishBeforeCommit, "sequence"},
}

func TestBrokenPromisesOfDeliveryAreNoticed(t *testing.T) {
	for _, b := range broken {
		t.Run(b.name, func(t *testing.T) {
			s := scenario(t, b.scenario)
			s.Fault = b.fault
			found := violation(t, s)
			if found == nil || found.Invariant != b.invariant {
				t.Fatalf("found %v", found)
			}
			t.Log("\n" + found.String())
			again, played := explore.Play(s, found.Steps...)
			if again == nil || again.Invariant != found.Invariant || again.Detail != found.Detail || played != len(found.Steps) {
				t.Errorf("played %d of %d steps again, and found %v", played, len(found.Steps), again)
			}
		})
	}
}

// What is asked for a return, and answered, may even be lost: it is asked again.
func TestReturnsOutliveWhatIsLost(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"return", "return-not-refunded", "two-returns"} {
		s := scenario(t, name)
		s.Fault, s.Tries, s.UndoTries = explore.AckBeforeCommit, 2, 2
		if found := violation(t, s); found != nil {
			t.Errorf("%s:\n%s", name, found)
		}
	}
}

// The source that is printed beside a violation is compiled and run, and has to fail with the same violation.
func TestViolationsAreReplayedByTheTestThatIsPrinted(t *testing.T) {
	t.Parallel()
	s := scenario(t, "happy-path")
	s.Fault = explore.AckBeforeCommit
	found := violation(t, s)
	dir := t.TempDir()
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	source, overlay := filepath.Join(dir, "replay_test.go"), filepath.Join(dir, "overlay.json")
	replaced, err := json.Marshal(map[string]any{"Replace": map[string]string{filepath.Join(here, "replayed_test.go"): source}})
	if err != nil {
		t.Fatal(err)
	}
	for file, content := range map[string][]byte{source: []byte(found.Source), overlay: replaced} {
		if err := os.WriteFile(file, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	said, err := exec.Command("go", "test", "-overlay", overlay, "-run", "^TestReplay$", ".").CombinedOutput()
	if err == nil || !strings.Contains(string(said), "VIOLATION scenario=happy-path invariant="+found.Invariant) {
		t.Errorf("the test that replays it says: %v\n%s", err, said)
	}
}
