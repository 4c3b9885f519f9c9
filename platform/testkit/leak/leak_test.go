package leak_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"quadrille.dev/platform/testkit/leak"
)

// leaving has this program's tests leave a goroutine behind.
const leaving = "LEAK_TEST_LEAVES"

func TestMain(m *testing.M) { leak.Main(m) }

func TestLeave(t *testing.T) {
	if os.Getenv(leaving) == "" {
		t.Skip("run by TestAGoroutineThatIsLeftFailsThePackage")
	}
	go abide(make(chan struct{}))
}

func abide(until <-chan struct{}) { <-until }

func TestAGoroutineThatIsLeftFailsThePackage(t *testing.T) {
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestLeave$")
	cmd.Env = append(os.Environ(), leaving+"=yes")
	output, err := cmd.CombinedOutput()
	if err == nil || !strings.Contains(string(output), "leak_test.abide") {
		t.Errorf("%v, %s", err, output)
	}
}
