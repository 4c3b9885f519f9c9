package edge

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

func TestBucketsFillWithTime(t *testing.T) {
	b, now := newBuckets(2, 3), time.Now()
	for i, step := range []struct {
		after, wait time.Duration
		principal   string
	}{
		{0, 0, "ada"},
		{0, 0, "ada"},
		{0, 0, "ada"},
		{0, 500 * time.Millisecond, "ada"},
		{0, 0, "grace"},
		{250 * time.Millisecond, 250 * time.Millisecond, "ada"},
		{250 * time.Millisecond, 0, "ada"},
		{0, 500 * time.Millisecond, "ada"},
		{time.Hour, 0, "ada"},
		{0, 0, "ada"},
		{0, 0, "ada"},
		{0, 500 * time.Millisecond, "ada"},
		{-time.Hour, 500 * time.Millisecond, "ada"},
	} {
		now = now.Add(step.after)
		if wait := b.take(step.principal, now); wait != step.wait {
			t.Errorf("step %d: %s waits %s, want %s", i, step.principal, wait, step.wait)
		}
	}
	if wait := newBuckets(0, 1).take("ada", now); wait != 0 {
		t.Errorf("without a limit: %s", wait)
	}
}

func TestWhereARequestComesFrom(t *testing.T) {
	for name, test := range map[string]struct {
		remote, forwarded string
		proxies           int
		want              string
	}{
		"itself":                           {"192.0.2.1:1234", "", 0, "192.0.2.1"},
		"what a client says":               {"192.0.2.1:1234", "198.51.100.1", 0, "192.0.2.1"},
		"a proxy":                          {"10.0.0.1:1234", "198.51.100.1", 1, "198.51.100.1"},
		"a proxy, and what a client says":  {"10.0.0.1:1234", "203.0.113.1, 198.51.100.1", 1, "198.51.100.1"},
		"two proxies":                      {"10.0.0.1:1234", "203.0.113.1, 198.51.100.1, 10.0.0.2", 2, "198.51.100.1"},
		"past the proxies":                 {"10.0.0.1:1234", "", 2, "10.0.0.1"},
		"an address of many":               {"[2001:db8:1:2:3:4:5:6]:1234", "", 0, "2001:db8:1:2::/64"},
		"an old address in a new one":      {"[::ffff:192.0.2.1]:1234", "", 0, "192.0.2.1"},
		"something that is not an address": {"10.0.0.1:1234", "unknown", 1, "unknown"},
	} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
		r.RemoteAddr = test.remote
		if test.forwarded != "" {
			r.Header.Set("X-Forwarded-For", test.forwarded)
		}
		if got := origin(r, test.proxies); got != test.want {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
}
