package edge

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestReadiness(t *testing.T) {
	up := map[string]bool{"catalog": true}
	probe := func(name string) Probe {
		return Probe{Name: name, Ready: func(context.Context) bool { return up[name] }}
	}
	readiness := NewReadiness([]Probe{probe("catalog"), probe("pricing")})
	expect := func(when string, status int, text string) {
		t.Helper()
		answer := httptest.NewRecorder()
		readiness.ServeHTTP(answer, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/readyz", nil))
		if answer.Code != status || !strings.Contains(answer.Body.String(), text) {
			t.Errorf("%s: %d %q", when, answer.Code, answer.Body)
		}
	}
	expect("pricing is not up yet", http.StatusServiceUnavailable, "waiting for pricing")
	up["pricing"] = true
	expect("all are up", http.StatusOK, "ready")
	up["catalog"] = false
	expect("catalog has failed since", http.StatusOK, "ready")
	readiness.Drain()
	expect("draining", http.StatusServiceUnavailable, "draining")
}
