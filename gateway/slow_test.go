package gateway

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// measured is a gauge of the gateway's own.
func (w *world) measured(name string) string {
	w.t.Helper()
	response, err := http.Get(w.url + "/metrics")
	if err != nil {
		w.t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	for line := range strings.SplitSeq(string(text), "\n") {
		if value, found := strings.CutPrefix(line, name+" "); found {
			return value
		}
	}
	return "none"
}

func (w *world) awaitMeasured(name, want string) {
	w.t.Helper()
	for until := time.Now().Add(15 * time.Second); w.measured(name) != want; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(until) {
			w.t.Fatalf("%s is %s, not %s", name, w.measured(name), want)
		}
	}
}

// A client that reads nothing is let go, with all that it has asked for, and nobody else notices.
func TestAClientThatTakesNothingIsLetGo(t *testing.T) {
	w := newWorld(t, "TAKE_WITHIN=500ms")
	w.chronicle.record(60_000)
	slow, other := w.dial(w.token(ada)), w.dial(w.token(ada))
	slow.subscribe(id(3, 1), new(0))
	other.subscribe(id(3, 2), nil)
	if got := other.change().brief(); got != "60002  PLACED" {
		t.Errorf("got %q", got)
	}
	w.awaitMeasured("quadrille_streams_open", "1")
	w.awaitMeasured("quadrille_subscriptions_open", "1")
	w.chronicle.record(1)
	w.signals.send(id(3, 2), 60_003)
	if got := other.change().brief(); got != fmt.Sprintf("60003 %s PLACED", id(4, 60_003)) {
		t.Errorf("got %q", got)
	}
}
