package edge

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// A gateway that starts while a context is down serves with what is left, but not without the keys that verify tokens.
func TestReadinessDoesNotWaitForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var keys atomic.Bool
		readiness := NewReadiness([]Probe{
			{Name: "keys", Needed: true, Ready: func(context.Context) bool { return keys.Load() }},
			{Name: "billing", Ready: func(context.Context) bool { return false }},
		})
		status := func() int {
			answer := httptest.NewRecorder()
			readiness.ServeHTTP(answer, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/readyz", nil))
			return answer.Code
		}
		for _, when := range []string{"at first", "later, without keys"} {
			if got := status(); got != http.StatusServiceUnavailable {
				t.Errorf("%s: %d", when, got)
			}
			time.Sleep(contextsAwaited + time.Second)
		}
		keys.Store(true)
		if got := status(); got != http.StatusOK {
			t.Errorf("later, with keys: %d", got)
		}
	})
}

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
