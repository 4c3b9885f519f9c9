package conformance

import (
	"io"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"

	"quadrille.dev/stack/local"
)

// whatIsWatchedIsMeasured looks for every metric that alerts and dashboard ask for among those that programs serve.
func whatIsWatchedIsMeasured(t *testing.T) {
	var served strings.Builder
	for _, program := range local.Programs {
		if program.Ledger {
			continue // it is a sandbox
		}
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, quadrille.URL(program.Name)+"/metrics", nil)
		if err != nil {
			t.Fatal(err)
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		_, err = io.Copy(&served, response.Body)
		response.Body.Close()
		if err != nil || response.StatusCode != http.StatusOK {
			t.Fatalf("metrics of %s: %s, %v", program.Name, response.Status, err)
		}
	}
	for _, path := range []string{"../../deploy/prometheus/alerts.yml", "../../deploy/grafana/quadrille.json"} {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		names := regexp.MustCompile(`\b(quadrille|process)_[a-z_]+`).FindAllString(string(text), -1)
		if len(names) == 0 {
			t.Errorf("%s asks for nothing", path)
		}
		for _, name := range names {
			sampled := strings.Contains(served.String(), "\n"+name+"{") || strings.Contains(served.String(), "\n"+name+" ")
			if !sampled && !strings.Contains(served.String(), "# TYPE "+name+" histogram") {
				t.Errorf("%s asks for %s, which nobody serves", path, name)
			}
		}
	}
}
