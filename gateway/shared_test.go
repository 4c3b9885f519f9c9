package gateway

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"quadrille.dev/gateway/internal/graph/model"
)

// reserve reserves a stream for ada's operations and answers its token.
func (w *world) reserve() string {
	w.t.Helper()
	response := w.requestAsAda(http.MethodPut, "/graphql", "", nil) //nolint:bodyclose // the test's end closes it
	token, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusCreated || len(token) < 26 {
		w.t.Fatalf("reserved: %s %q (%v)", response.Status, token, err)
	}
	return string(token)
}

func (w *world) expectStatus(want int, method, path, body string, headers map[string]string) {
	w.t.Helper()
	got := w.requestAsAda(method, path, body, headers) //nolint:bodyclose // the test's end closes it
	if got.StatusCode != want {
		text, _ := io.ReadAll(got.Body)
		w.t.Errorf("%s %s: %s %s; want %d", method, path, got.Status, text, want)
	}
}

func TestOperationsShareAStreamOfEvents(t *testing.T) {
	w := newWorld(t)
	token := map[string]string{"X-GraphQL-Event-Stream-Token": w.reserve()}
	order := model.GlobalID("Order", id(3, 1))
	// The stream need not be open yet.
	w.expectStatus(http.StatusAccepted, http.MethodPost, "/graphql", watching(t, order, map[string]any{"operationId": "a"}), token)
	w.expectStatus(http.StatusConflict, http.MethodPost, "/graphql", watching(t, order, map[string]any{"operationId": "a"}), token)
	events := w.stream(http.MethodGet, "/graphql?token="+token["X-GraphQL-Event-Stream-Token"], "", map[string]string{"Authorization": ""})
	first, _ := events.next()
	if first.name != "next" || !contains(first.data, `"id":"a"`, `"sequence":2`) {
		t.Errorf("first: %+v", first)
	}
	w.expectStatus(http.StatusAccepted, http.MethodPost, "/graphql", `{"query":"{ viewer { email } }","extensions":{"operationId":"b"}}`, token)
	if answer, _ := events.next(); answer.name != "next" || !contains(answer.data, `"id":"b"`, "quadrille.test") {
		t.Errorf("a query: %+v", answer)
	}
	if end, _ := events.next(); end.name != "complete" || end.data != `{"id":"b"}` {
		t.Errorf("then: %+v", end)
	}
	w.chronicle.record(1)
	w.signals.send(id(3, 1), 3)
	if change, _ := events.next(); !contains(change.data, `"id":"a"`, `"sequence":3`) {
		t.Errorf("a change: %+v", change)
	}
	w.expectStatus(http.StatusOK, http.MethodDelete, "/graphql?operationId=a", "", token)
	if end, _ := events.next(); end.name != "complete" || end.data != `{"id":"a"}` {
		t.Errorf("stopped: %+v", end)
	}
	w.expectStatus(http.StatusOK, http.MethodDelete, "/graphql?operationId=a", "", token)
}

func contains(text string, parts ...string) bool {
	for _, part := range parts {
		if !strings.Contains(text, part) {
			return false
		}
	}
	return true
}

func TestWhatIsWrongWithASharedStreamIsTold(t *testing.T) {
	w := newWorld(t, "SUBSCRIPTIONS_PER_CONNECTION=1", "SUBSCRIPTIONS_PER_PRINCIPAL=2")
	mine := w.reserve()
	token := map[string]string{"X-GraphQL-Event-Stream-Token": mine}
	theirs := map[string]string{"X-GraphQL-Event-Stream-Token": mine, "Authorization": "Bearer " + w.token(grace)}
	query := `{"query":"{ viewer { email } }","extensions":{"operationId":"b"}}`
	for name, test := range map[string]struct {
		status             int
		method, path, body string
		headers            map[string]string
	}{
		"a token that nobody has":     {http.StatusNotFound, http.MethodPost, "/graphql?token=x", query, nil},
		"somebody else's stream":      {http.StatusForbidden, http.MethodPost, "/graphql", query, theirs},
		"no id":                       {http.StatusBadRequest, http.MethodPost, "/graphql", `{"query":"{ viewer { email } }"}`, token},
		"no query":                    {http.StatusBadRequest, http.MethodPost, "/graphql", `{"extensions":{"operationId":"b"}}`, token},
		"an unknown field":            {http.StatusBadRequest, http.MethodPost, "/graphql", `{"query":"{ nothing }","extensions":{"operationId":"b"}}`, token},
		"a form":                      {http.StatusUnsupportedMediaType, http.MethodPost, "/graphql", "query=x", map[string]string{"X-GraphQL-Event-Stream-Token": mine, "Content-Type": "application/x-www-form-urlencoded"}},
		"a change by address":         {http.StatusMethodNotAllowed, http.MethodGet, `/graphql?query=mutation{__typename}&extensions={"operationId":"b"}`, "", token},
		"a method that means nothing": {http.StatusMethodNotAllowed, http.MethodPatch, "/graphql", "", token},
	} {
		t.Run(name, func(t *testing.T) {
			w.t = t
			w.expectStatus(test.status, test.method, test.path, test.body, test.headers)
		})
	}
	w.t = t
	w.expectStatus(http.StatusAccepted, http.MethodPost, "/graphql", watching(t, id(3, 1), map[string]any{"operationId": "a"}), token)
	w.expectStatus(http.StatusTooManyRequests, http.MethodPost, "/graphql", query, token)
	w.reserve()
	w.expectStatus(http.StatusTooManyRequests, http.MethodPut, "/graphql", "", nil)
	events := w.stream(http.MethodGet, "/graphql", "", token)
	if first, _ := events.next(); !contains(first.data, `"id":"a"`) {
		t.Errorf("first: %+v", first)
	}
	w.expectStatus(http.StatusConflict, http.MethodGet, "/graphql", "", map[string]string{"X-GraphQL-Event-Stream-Token": mine, "Accept": "text/event-stream"})
	w.stop()
	if told, _ := events.next(); !contains(told.data, `"id":"a"`, "GATEWAY_RESTARTING") {
		t.Errorf("told: %+v", told)
	}
	events.expectEnd()
}
