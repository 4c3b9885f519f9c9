package browser

import (
	"bufio"
	"encoding/json"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"quadrille.dev/stack/local/localtest"
)

// patience bounds how long sagas may take to rest, and Playwright to end when it is asked to.
const patience = 30 * time.Second

// outcome is what the reporter in web/e2e says of a test: a line of JSON.
type outcome struct {
	Title string
	// Seconds is how long it took.
	Seconds float64
	// Trouble is what went wrong, and where to look; empty if nothing did.
	Trouble string
	Skipped bool
}

// play runs a project of web/e2e, and has each of its tests be a test of t's as it ends.
func (s site) play(t *testing.T, project string) {
	t.Helper()
	command := s.playwright(t, project)
	pipe, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	seen := 0
	lines := bufio.NewScanner(pipe)
	// What is wrong with a page may take many words.
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var o outcome
		if json.Unmarshal(lines.Bytes(), &o) != nil || o.Title == "" {
			t.Logf("%s", lines.Text())
			continue
		}
		seen++
		t.Run(o.Title, o.tell)
	}
	if err := command.Wait(); err != nil && !t.Failed() {
		t.Errorf("playwright: %v", err)
	}
	if seen == 0 && chosen() == "" {
		t.Error("there was no test")
	}
}

func (s site) playwright(t *testing.T, project string) *exec.Cmd {
	t.Helper()
	arguments := []string{"node_modules/@playwright/test/cli.js", "test", "--config", "e2e", "--project", project}
	if grep := chosen(); grep != "" {
		arguments = append(arguments, "--pass-with-no-tests", "--grep", grep)
	}
	command := exec.CommandContext(t.Context(), "node", arguments...)
	root := localtest.Root(t)
	command.Dir = filepath.Join(root, "web")
	command.Env = append(os.Environ(), "CHROMIUM="+s.chromium,
		// Where the logs of what fails are kept, too.
		"QUADRILLE_KEEP="+filepath.Join(root, ".stack", "failed", "browser", project),
		"QUADRILLE_URL="+s.URL("gateway"), "QUADRILLE_CONTROL="+s.control,
		"PROVIDER_URL="+s.URL("provider"), "CARRIER_URL="+s.URL("carrier"))
	command.Stderr = os.Stderr
	// Asked like this it closes its browsers, of which it alone knows.
	command.Cancel = func() error { return command.Process.Signal(syscall.SIGINT) }
	command.WaitDelay = patience
	return command
}

// tell passes an outcome on.
func (o outcome) tell(t *testing.T) {
	switch {
	case o.Trouble != "":
		t.Errorf("after %.1fs: %s", o.Seconds, o.Trouble)
	case o.Skipped:
		t.Skip()
	default:
		t.Logf("%.1fs", o.Seconds)
	}
}

// chosen is what -run says of the tests within a project.
func chosen() string {
	return grep(flag.Lookup("test.run").Value.String())
}

// grep is the third part of a pattern for -run as a pattern for titles, in which spaces are not yet underscores.
func grep(pattern string) string {
	parts := strings.SplitN(pattern, "/", 3)
	if len(parts) < 3 {
		return ""
	}
	return strings.NewReplacer("_", "[ _]", "^", "", "$", "").Replace(parts[2])
}

func TestRunChoosesAmongTitles(t *testing.T) {
	for pattern, want := range map[string]string{
		"":                                "",
		"TestPages":                       "",
		"TestPages/Calm":                  "",
		"TestPages/Calm/buys":             "buys",
		"^TestPages$/^Calm$/^buys_a_cup$": "buys[ _]a[ _]cup",
	} {
		if got := grep(pattern); got != want {
			t.Errorf("%q: %q, want %q", pattern, got, want)
		}
	}
}
