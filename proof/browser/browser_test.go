// Package browser has people's browsers use the whole system: it starts one, and Playwright's tests in web/e2e drive a real Chromium
// against it.
package browser

import (
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"quadrille.dev/proof/system"
	"quadrille.dev/stack/local/localtest"
)

// TestPages goes through web/e2e; each of its tests is one of this one's, so that -run chooses among them:
// -run 'TestPages/Calm/buys'.
func TestPages(t *testing.T) {
	s := open(t)
	for _, project := range []string{"Calm", "Outages"} {
		t.Run(project, func(t *testing.T) { s.play(t, project) })
	}
	t.Run("Invariants", func(t *testing.T) {
		s.AwaitRest(t, patience)
		s.CheckInvariants(t)
	})
}

// TestScreenshots takes the pictures that README shows, into the directory that SCREENSHOTS names: `make screenshots`.
func TestScreenshots(t *testing.T) {
	if os.Getenv("SCREENSHOTS") == "" {
		t.Skip("SCREENSHOTS names no directory")
	}
	open(t).play(t, "Screenshots")
}

// site is a system whose pages are looked at.
type site struct {
	*system.System
	// control is where tests have things happen to the system.
	control string
	// chromium is the browser's path.
	chromium string
}

// open starts a system with a shop that is full. It ends with the test.
func open(t *testing.T) site {
	t.Helper()
	chromium, err := exec.LookPath("chromium")
	if err != nil {
		t.Fatalf("%v: ./stack/install.sh chromium installs it", err)
	}
	quick := map[string]string{"CALL_RETRY_MAX": "500ms"}
	s := system.Start(t, localtest.Settings{
		"billing": quick, "fulfillment": quick,
		// What the gateway keeps is to be old at once, for those who watch what is told of it.
		"gateway": {"CACHE_FRESH_FOR": "0s", "CACHE_UNHEARD_FOR": "0s"},
		"carrier": {"DELIVERY_AFTER": "1s"},
	})
	mustBeBuilt(t, s.URL("gateway"))
	if err := s.Seed(t.Context()); err != nil {
		t.Fatal(err)
	}
	return site{s, startControl(t, s), chromium}
}

// mustBeBuilt fails the test when the gateway has nothing but the page for a gateway without a build.
func mustBeBuilt(t *testing.T, gateway string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, gateway, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Accept", "text/html")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	page, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(page), "/assets/") {
		t.Fatal("the gateway was built without the web app: run `make web` first, as `make test` does")
	}
}

// TestUnits runs what tests the web app without a browser.
func TestUnits(t *testing.T) {
	t.Parallel()
	command := exec.CommandContext(t.Context(), "npm", "test", "--silent")
	command.Dir = filepath.Join(localtest.Root(t), "web")
	if said, err := command.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, said)
	}
}
