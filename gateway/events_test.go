package gateway

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"quadrille.dev/gateway/internal/graph/model"
)

// eventStream is a client's stream of server-sent events.
type eventStream struct {
	t     testing.TB
	lines *bufio.Scanner
	close func()
}

// sentEvent is an event as its client reads it.
type sentEvent struct{ id, name, data string }

// brief is an event with the message in it as "id name: sequence fact status".
func (e sentEvent) brief() string {
	var got answer
	if e.data == "" || json.Unmarshal([]byte(e.data), &got) != nil {
		return strings.TrimSpace(e.id + " " + e.name + ": " + e.data)
	}
	return strings.TrimSpace(e.id + " " + e.name + ": " + got.brief())
}

// requestAsAda sends a request as ada, with more headers.
func (w *world) requestAsAda(method, path, body string, headers map[string]string) *http.Response {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	w.t.Cleanup(cancel)
	request, err := http.NewRequestWithContext(ctx, method, w.url+path, strings.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+w.token(ada))
	if method == http.MethodPost {
		request.Header.Set("Content-Type", "application/json")
	}
	for name, value := range headers {
		request.Header.Set(name, value)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { response.Body.Close() })
	return response
}

// stream opens a stream of events.
func (w *world) stream(method, path, body string, headers map[string]string) *eventStream {
	w.t.Helper()
	all := map[string]string{"Accept": "text/event-stream"}
	maps.Copy(all, headers)
	response := w.requestAsAda(method, path, body, all) //nolint:bodyclose // the test's end closes it
	if kind := response.Header.Get("Content-Type"); response.StatusCode != http.StatusOK || !strings.HasPrefix(kind, "text/event-stream") {
		w.t.Fatalf("%s %s: %s, %s", method, path, response.Status, kind)
	}
	return &eventStream{w.t, bufio.NewScanner(response.Body), func() { response.Body.Close() }}
}

// next is the next event, which is read as browsers read it; false at the end of the stream.
func (s *eventStream) next() (got sentEvent, more bool) {
	s.t.Helper()
	data := false
	for s.lines.Scan() {
		name, value, _ := strings.Cut(s.lines.Text(), ":")
		value = strings.TrimPrefix(value, " ")
		switch {
		case s.lines.Text() == "" && data:
			return got, true
		case s.lines.Text() == "":
			got = sentEvent{}
		case name == "id":
			got.id = value
		case name == "event":
			got.name = value
		case name == "data":
			got.data, data = value, true
		}
	}
	return got, false
}

func (s *eventStream) expect(want ...string) {
	s.t.Helper()
	for _, want := range want {
		if got, more := s.next(); !more || got.brief() != want {
			s.t.Errorf("got %q, want %q", got.brief(), want)
		}
	}
}

func (s *eventStream) expectEnd() {
	s.t.Helper()
	if got, more := s.next(); more {
		s.t.Errorf("got %q instead of the end", got.brief())
	}
}

// watching is a request for the changes of an order.
func watching(t *testing.T, order string, extensions map[string]any) string {
	t.Helper()
	asked := map[string]any{"query": document(t, "OrderChanged"), "variables": map[string]any{"id": order}}
	if extensions != nil {
		asked["extensions"] = extensions
	}
	body, err := json.Marshal(asked)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// watchingByAddress is the same with GET, as an EventSource asks.
func watchingByAddress(t *testing.T, order string) string {
	t.Helper()
	return "/graphql?" + url.Values{
		"query": {document(t, "OrderChanged")}, "variables": {fmt.Sprintf(`{"id":%q,"since":1}`, order)},
	}.Encode()
}

func TestSubscriptionOverServerSentEvents(t *testing.T) {
	w := newWorld(t)
	events := w.stream(http.MethodPost, "/graphql", watching(t, model.GlobalID("Order", id(3, 1)), nil), nil)
	events.expect("2 next: 2  PLACED")
	w.chronicle.record(1)
	w.signals.send(id(3, 1), 3)
	events.expect("3 next: 3 " + id(4, 3) + " PLACED")
	events.close()
	refused := w.stream(http.MethodPost, "/graphql", watching(t, graces, nil), nil)
	refused.expect("next: orderChanged: FORBIDDEN", "complete:")
	refused.expectEnd()
}

// A browser's EventSource asks for the same address again, and says which event was its last.
func TestAStreamOfEventsResumesAfterTheLast(t *testing.T) {
	w := newWorld(t)
	w.chronicle.record(2)
	address := watchingByAddress(t, id(3, 1))
	first := w.stream(http.MethodGet, address, "", nil)
	first.expect("2 next: 2 "+id(4, 2)+" PLACED", "3 next: 3 "+id(4, 3)+" PLACED")
	first.close()
	again := w.stream(http.MethodGet, address, "", map[string]string{"Last-Event-ID": "3"})
	again.expect("4 next: 4 " + id(4, 4) + " PLACED")
	wrong := w.stream(http.MethodGet, address, "", map[string]string{"Last-Event-ID": "x"})
	wrong.expect("next: orderChanged: BAD_USER_INPUT", "complete:")
}

// What is wrong with an operation is told by events: to whoever listens with an EventSource, a status would say nothing.
func TestOperationsOverServerSentEvents(t *testing.T) {
	w := newWorld(t, "SUBSCRIPTIONS_PER_PRINCIPAL=1")
	for name, test := range map[string]struct {
		method, document string
		want             []string
	}{
		"a query":             {http.MethodPost, `{ viewer { email } }`, []string{"next: <nil>  <nil>", "complete:"}},
		"a query by address":  {http.MethodGet, `{ viewer { email } }`, []string{"next: <nil>  <nil>", "complete:"}},
		"an unknown field":    {http.MethodPost, `{ nothing }`, []string{"next: : GRAPHQL_VALIDATION_FAILED", "complete:"}},
		"no document":         {http.MethodPost, `{`, []string{"next: : GRAPHQL_PARSE_FAILED", "complete:"}},
		"a change by address": {http.MethodGet, `mutation { signIn(input: {email: "a", password: "b"}) { token } }`, []string{"next: : METHOD_NOT_ALLOWED", "complete:"}},
	} {
		t.Run(name, func(t *testing.T) {
			path, body := "/graphql", ""
			if test.method == http.MethodGet {
				path += "?query=" + url.QueryEscape(test.document)
			} else {
				body = fmt.Sprintf(`{"query":%q}`, test.document)
			}
			events := w.stream(test.method, path, body, nil)
			events.t = t
			events.expect(test.want...)
			events.expectEnd()
		})
	}
	t.Run("one subscription more than one may have", func(t *testing.T) {
		first := w.stream(http.MethodPost, "/graphql", watching(t, id(3, 1), nil), nil)
		first.expect("2 next: 2  PLACED")
		second := w.stream(http.MethodPost, "/graphql", watching(t, id(3, 1), nil), nil)
		second.expect("next: : TOO_MANY_SUBSCRIPTIONS", "complete:")
	})
	w.expectStatus(http.StatusBadRequest, http.MethodPost, "/graphql", "{", map[string]string{"Accept": "text/event-stream"})
}

func TestStreamsOfEventsAreKeptAlive(t *testing.T) {
	w := newWorld(t, "KEEP_ALIVE_EVERY=20ms")
	events := w.stream(http.MethodPost, "/graphql", watching(t, id(3, 1), nil), nil)
	events.expect("2 next: 2  PLACED")
	for comments := 0; comments < 3; {
		if !events.lines.Scan() {
			t.Fatalf("it ended: %v", events.lines.Err())
		}
		if events.lines.Text() == ":" {
			comments++
		}
	}
}

// A stream that is broken off is not completed, so that an EventSource comes again.
func TestStreamsOfEventsAreToldOfARestart(t *testing.T) {
	w := newWorld(t)
	events := w.stream(http.MethodPost, "/graphql", watching(t, id(3, 1), nil), nil)
	events.expect("2 next: 2  PLACED")
	w.stop()
	events.expect("next: : GATEWAY_RESTARTING")
	events.expectEnd()
}
