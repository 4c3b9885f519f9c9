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

	"quadrille.dev/proof/system"
	"quadrille.dev/stack/local/localtest"
)

// patience bounds how long sagas may take to rest, and Playwright to end when it is asked to.
const patience = 30 * time.Second

// playwright runs a project of web/e2e.
type playwright struct {
	project string
	system  *system.System
	// control is where tests have things happen to the system.
	control string
	// browser is the path of a Chromium.
	browser string
}

// outcome is what the reporter in web/e2e says of a test: a line of JSON.
type outcome struct {
	Title string
	// Seconds is how long it took.
	Seconds float64
	// Trouble is what went wrong, and where to look; empty if nothing did.
	Trouble string
	Skipped bool
}

// run has each test of the project be a test of t's as it ends.
func (p playwright) run(t *testing.T) {
	command := p.command(t)
	pipe, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	seen := 0
	for lines := bufio.NewScanner(pipe); lines.Scan(); {
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

func (p playwright) command(t *testing.T) *exec.Cmd {
	t.Helper()
	arguments := []string{"node_modules/@playwright/test/cli.js", "test", "--config", "e2e", "--project", p.project}
	if grep := chosen(); grep != "" {
		arguments = append(arguments, "--pass-with-no-tests", "--grep", grep)
	}
	command := exec.CommandContext(t.Context(), "node", arguments...)
	root := localtest.Root(t)
	command.Dir = filepath.Join(root, "web")
	command.Env = append(os.Environ(), "CHROMIUM="+p.browser,
		// Where the logs of what fails are kept, too.
		"QUADRILLE_KEEP="+filepath.Join(root, ".stack", "failed", "browser", p.project),
		"QUADRILLE_URL="+p.system.URL("gateway"), "QUADRILLE_CONTROL="+p.control,
		"PROVIDER_URL="+p.system.URL("provider"), "CARRIER_URL="+p.system.URL("carrier"))
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
