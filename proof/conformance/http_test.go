package conformance

import (
	"os/exec"
	"testing"

	"quadrille.dev/proof/system"
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

// graphQLInParts has an order's fields in other contexts come later, where they are deferred.
func graphQLInParts(t *testing.T) {
	t.Parallel()
	ada, sku := quadrille.As(t, system.Ada), sell(t, 5)
	order := system.Rest(t, ada, place(t, ada, system.Wish{SKU: sku}), patience)
	token, err := ada.Token(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	runScript(t, "defer.js", quadrille.URL("gateway")+"/graphql", token, order.ID)
}
