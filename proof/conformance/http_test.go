package conformance

import (
	"os/exec"
	"testing"
)

// graphQLOverHTTP has every audit of graphql-http's pass, the optional ones included.
func graphQLOverHTTP(t *testing.T) {
	t.Parallel()
	runScript(t, "http.js", quadrille.URL("gateway")+"/graphql")
}

// runScript runs one of the scripts in js, which use what clients use.
func runScript(t *testing.T, script string, arguments ...string) {
	t.Helper()
	said, err := exec.CommandContext(t.Context(), "js/run.sh", append([]string{script}, arguments...)...).CombinedOutput()
	t.Logf("%s", said)
	if err != nil {
		t.Error(err)
	}
}
